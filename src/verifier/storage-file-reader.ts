import type { FileDownloader } from "../storage/downloader.ts";

import type { FileReader } from "./ports.ts";

/** Reads files from storage workers, which need not be trusted. */
export function storageFileReader(downloader: FileDownloader): FileReader {
  return {
    read: (file, signal = new AbortController().signal) => downloader.file(file, signal),
  };
}

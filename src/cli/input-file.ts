import { readFile } from "node:fs/promises";

import { GlassboxError } from "../core/errors.ts";

/**
 * Reads a file that the user names.
 * @throws GlassboxError `CLI_FILE_MISSING`.
 */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_MISSING", `can't read ${file}`, { cause });
  }
}

/**
 * Reads JSON from a file's bytes.
 * @throws GlassboxError `CLI_FILE_INVALID`.
 */
export function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_INVALID", `${file} is not JSON`, { cause });
  }
}

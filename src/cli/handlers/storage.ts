import { readFile, writeFile } from "node:fs/promises";

import { GlassboxError } from "../../core/errors.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { parseCount } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openSession, openSigningSession } from "../session.ts";
import { openFiles, openStorage } from "../storage-access.ts";

/** Prints the root of a file. */
export const root: Handler = async (context, values) => {
  const file = values["file"] as string;
  const bytes = await readInput(file);
  const fileRootHex = fileRoot(bytes);
  context.result({ file, bytes: bytes.length, root: fileRootHex }, fileRootHex);
};

/** Submits a file on chain and hands it to storage workers. */
export const upload: Handler = async (context, values) => {
  const bytes = await readInput(values["file"] as string);
  const { contracts, sender, close } = await openSigningSession(context);
  try {
    const storage = await openStorage(contracts, sender, values);
    const stored = await storage.upload(bytes, context.signal);
    context.result(stored, `submission ${stored.submission}: ${stored.root}, ${stored.byteLength} bytes`);
  } finally {
    close();
  }
};

/** Fetches a submission into a new file. */
export const download: Handler = async (context, values) => {
  const submission = parseCount(values["submission"] as string, "submission", Number.MAX_SAFE_INTEGER);
  const file = values["file"] as string;
  const { contracts, close } = await openSession(context);
  try {
    const files = await openFiles(contracts, values);
    const bytes = await files.download(submission, context.signal);
    await writeNew(file, bytes);
    context.result({ submission, file, bytes: bytes.length }, `wrote ${bytes.length} bytes to ${file}`);
  } finally {
    close();
  }
};

async function readInput(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_MISSING", `can't read ${file}`, { cause });
  }
}

async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: "wx" });
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_EXISTS", `can't write ${file}: it exists, or its folder does not`, {
      cause,
    });
  }
}

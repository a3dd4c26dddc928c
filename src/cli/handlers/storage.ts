import { writeFile } from "node:fs/promises";

import { GlassboxError } from "../../core/errors.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { parseCount } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { readInput } from "../input-file.ts";
import { withSession, withSigningSession } from "../session.ts";
import { openFiles, openStorage } from "../storage-access.ts";
import { textOf } from "../values.ts";

/** Prints the root of a file. */
export const root: Handler = async (context, values) => {
  const file = textOf(values, "file");
  const bytes = await readInput(file);
  const fileRootHex = fileRoot(bytes);
  context.result({ file, bytes: bytes.length, root: fileRootHex }, fileRootHex);
};

/** Submits a file on chain and hands it to storage workers. */
export const upload: Handler = async (context, values) => {
  const bytes = await readInput(textOf(values, "file"));
  await withSigningSession(context, async ({ contracts, sender }) => {
    const storage = await openStorage(contracts, sender, values);
    const stored = await storage.upload(bytes, context.signal);
    context.result(stored, `submission ${stored.submission}: ${stored.root}, ${stored.byteLength} bytes`);
  });
};

/** Fetches a submission into a new file. */
export const download: Handler = async (context, values) => {
  const submission = parseCount(textOf(values, "submission"), "submission", Number.MAX_SAFE_INTEGER);
  const file = textOf(values, "file");
  await withSession(context, async ({ contracts }) => {
    const files = await openFiles(contracts, values);
    const bytes = await files.download(submission, context.signal);
    await writeNew(file, bytes);
    context.result({ submission, file, bytes: bytes.length }, `wrote ${bytes.length} bytes to ${file}`);
  });
};

async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: "wx" });
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_EXISTS", `can't write ${file}: it exists, or its folder does not`, {
      cause,
    });
  }
}

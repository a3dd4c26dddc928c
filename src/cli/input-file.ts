import { readFile } from "node:fs/promises";

import { GlassboxError } from "../core/errors.ts";

/**
 * Reads a file that the user names.
 * @param hint what else the user may have meant
 * @throws GlassboxError `CLI_FILE_MISSING`.
 */
export async function readInput(file: string, hint?: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_FILE_MISSING", `can't read ${file}`, {
      cause,
      ...(hint !== undefined && { hint }),
    });
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

import { readLande } from "../../models/lande.ts";
import type { ModelDescription } from "../../models/model-folder.ts";

/** The bytes that a model reads for a user's file. */
export async function queryOf({ input }: ModelDescription, file: Uint8Array): Promise<Uint8Array> {
  if (input === "bytes") return file;
  return (await readLande()).query(Buffer.from(file).toString());
}

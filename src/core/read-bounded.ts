import { ensureCheck } from "./errors.ts";

/**
 * Reads the body of a stranger's answer as text, no more than so many bytes of it.
 * @throws GlassboxError with `code` if it is longer.
 */
export async function readBounded(response: Response, maxBytes: number, code: string): Promise<string> {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    ensureCheck(length <= maxBytes, code, `${response.url} answers with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

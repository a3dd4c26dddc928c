import { z } from "zod";

import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import { readBounded } from "../core/read-bounded.ts";

/** The most bytes a peer's answer may have. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** What a peer says when it refuses; a stranger's text, so only the start of it is shown. */
const refusalSchema = z.object({
  error: z.object({
    code: z.string().transform((text) => printable(text.slice(0, 64))),
    message: z.string().transform((text) => printable(text.slice(0, 500))),
  }),
});

/**
 * Asks a peer over HTTP with JSON and checks the form of the answer.
 * @throws GlassboxError `HTTP_PEER_UNREACHABLE`, `HTTP_PEER_REFUSED` with the peer's code, or `HTTP_PEER_INVALID`.
 */
export async function requestJson<T>(parameters: {
  readonly url: string;
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<T> {
  const { url, body, schema, timeoutMs, signal } = parameters;
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      ...(body === undefined
        ? { method: "GET" }
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      // Whoever published the URL must not choose another one for us.
      redirect: "error",
      signal: until,
    });
    status = response.status;
    text = await readBounded(response, MAX_ANSWER_BYTES, "HTTP_PEER_INVALID");
  } catch (cause) {
    if (cause instanceof GlassboxError) throw cause;
    throw new GlassboxError("network", "HTTP_PEER_UNREACHABLE", `no answer from ${url}`, { cause });
  }
  const value = parseJson(text, url);
  if (status !== 200) {
    const { code, message } = refusalSchema.safeParse(value).data?.error ?? { code: "unknown", message: "no reason" };
    throw new GlassboxError("network", "HTTP_PEER_REFUSED", `${url} refused: ${message} [${code}]`, {
      details: { status, code },
    });
  }
  const parsed = schema.safeParse(value);
  ensureCheck(parsed.success, "HTTP_PEER_INVALID", `${url} answered in another form than expected`);
  return parsed.data;
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GlassboxError("check", "HTTP_PEER_INVALID", `${url} did not answer with JSON`, { cause });
  }
}

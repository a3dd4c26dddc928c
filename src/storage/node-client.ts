import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput, GlassboxError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import { readBounded } from "../core/read-bounded.ts";
import { fileInfoSchema, segmentSchema } from "./zgs-schemas.ts";

/** A segment with proof is about 350 kB of JSON; nothing a node says may be longer. */
const MAX_ANSWER_BYTES = 512 * 1024;
const TIMEOUT_MS = 30_000;

const responseSchema = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown() }) }),
  z.object({ result: z.unknown() }),
]);

/** What a node knows of a file. */
export type FileInfo = z.infer<typeof fileInfoSchema>;
/** A segment as a node gave it; nothing of it is checked but its form. */
export type ReceivedSegment = z.infer<typeof segmentSchema>;

/** Which file is meant: a submission, or any submission of a root. */
export type FileSelector = { readonly submission: number } | { readonly root: Hex };

/** Speaks 0G's JSON-RPC to one storage node. Answers are checked for form and length, never believed. */
export class StorageNodeClient {
  readonly url: string;
  #nextId = 1;

  constructor(url: string) {
    ensureInput(URL.canParse(url), "STORAGE_NODE_URL", `not a URL: ${url}`);
    this.url = url;
  }

  fileInfo(file: FileSelector, signal: AbortSignal): Promise<FileInfo | null> {
    const schema = fileInfoSchema.nullable();
    if ("root" in file) return this.call("zgs_getFileInfo", [file.root, false], schema, signal);
    return this.call("zgs_getFileInfoByTxSeq", [file.submission], schema, signal);
  }

  shardConfig(signal: AbortSignal): Promise<{ shardId: number; numShard: number }> {
    const schema = z.object({ shardId: z.number().int(), numShard: z.number().int() });
    return this.call("zgs_getShardConfig", [], schema, signal);
  }

  segment(file: FileSelector, index: number, signal: AbortSignal): Promise<ReceivedSegment | null> {
    const schema = segmentSchema.nullable();
    if ("root" in file) return this.call("zgs_downloadSegmentWithProof", [file.root, index], schema, signal);
    return this.call("zgs_downloadSegmentWithProofByTxSeq", [file.submission, index], schema, signal);
  }

  /** @param segments as `wireSegment` makes them */
  async uploadSegments(segments: readonly unknown[], submission: number, signal: AbortSignal): Promise<void> {
    await this.call("zgs_uploadSegmentsByTxSeq", [segments, submission], z.unknown(), signal);
  }

  /**
   * Calls a method.
   * @throws GlassboxError `STORAGE_NODE_UNREACHABLE`, `STORAGE_NODE_REFUSED` with what the node said in `details`, or `STORAGE_NODE_INVALID`.
   */
  async call<T>(method: string, params: unknown[], schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: this.#nextId++, method, params });
    const response = responseSchema.safeParse(await this.#post(body, signal));
    ensureCheck(response.success, "STORAGE_NODE_INVALID", `${this.url} does not answer with JSON-RPC`);
    if ("error" in response.data) {
      const { message, data } = response.data.error;
      const reason = printable(message.slice(0, 500));
      throw new GlassboxError("network", "STORAGE_NODE_REFUSED", `${this.url} refused ${method}: ${reason}`, {
        details: { message, data },
      });
    }
    const result = schema.safeParse(response.data.result);
    ensureCheck(result.success, "STORAGE_NODE_INVALID", `${this.url} answered ${method} in another form than expected`);
    return result.data;
  }

  async #post(body: string, signal: AbortSignal): Promise<unknown> {
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        // Whoever published the URL must not choose another one for us.
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return JSON.parse(await readBounded(response, MAX_ANSWER_BYTES, "STORAGE_NODE_INVALID"));
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof GlassboxError) throw cause;
      if (cause instanceof SyntaxError) {
        throw new GlassboxError("check", "STORAGE_NODE_INVALID", `${this.url} does not answer with JSON`, { cause });
      }
      throw new GlassboxError("network", "STORAGE_NODE_UNREACHABLE", `no answer from ${this.url}`, { cause });
    }
  }
}

/** True if a node refused with this text in its message or data. */
export function refusedWith(error: unknown, text: string): boolean {
  if (!(error instanceof GlassboxError) || error.code !== "STORAGE_NODE_REFUSED") return false;
  return JSON.stringify(error.details).includes(text);
}

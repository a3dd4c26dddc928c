import type { z } from "zod";

import { ensureInput, GlassboxError } from "../core/errors.ts";
import { rpcError, type RpcError } from "./rpc-error.ts";

/** A method of a JSON-RPC endpoint: what it takes and what it does. */
export interface RpcMethod {
  call(params: unknown): Promise<unknown>;
}

/** Joins a schema of positional parameters with the function that takes them. */
export function rpcMethod<T>(params: z.ZodType<T>, run: (params: T) => unknown): RpcMethod {
  return {
    async call(given) {
      const parsed = params.safeParse(given);
      if (parsed.success) return await run(parsed.data);
      const issue = parsed.error.issues[0];
      const path = issue?.path.join(".") ?? "";
      throw new GlassboxError("usage", "STORAGE_PARAMS_INVALID", `params.${path}: ${issue?.message ?? "invalid"}`);
    },
  };
}

/** Values in a request: sixteen segments with their proofs have some 1,500. More would only keep the parser busy, for seconds. */
const MAX_VALUES = 20_000;
/** Characters of a batch's answers after which its other calls are refused: room for some twenty segments. */
const MAX_ANSWER_LENGTH = 8 * 1024 * 1024;
const TOO_MANY = rpcError(new GlassboxError("network", "STORAGE_RATE_LIMIT", "too many requests"));

interface RpcCall {
  /** The id as it was written, so that numbers above 2^53 come back unchanged; none for a notification. */
  readonly id: string | undefined;
  readonly method: string;
  readonly params: unknown;
}

/** The id of a request as it stood in its text. */
class RawText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Answers the text of a JSON-RPC 2.0 request or batch.
 * @returns the text to send, or none if there were only notifications. Never throws.
 */
export async function answerJsonRpc(
  text: string,
  methods: ReadonlyMap<string, RpcMethod>,
  options: {
    readonly maxBatch: number;
    readonly onBug: (error: unknown) => void;
    /** Asked before each further call of a batch; false refuses it. */
    readonly admit?: () => boolean;
  },
): Promise<string | undefined> {
  if (valuesIn(text) > MAX_VALUES) return response("null", invalidRequest(`more than ${MAX_VALUES} values`));
  let body: unknown;
  try {
    body = parseWithIds(text);
  } catch {
    return response("null", { error: { code: -32700, message: "Parse error", data: "STORAGE_RPC_SYNTAX" } });
  }
  const answer = (call: unknown): Promise<string | undefined> => answerOne(call, methods, options.onBug);
  if (!Array.isArray(body)) return answer(body);
  if (body.length === 0 || body.length > options.maxBatch) {
    return response("null", invalidRequest(`a batch has 1 to ${options.maxBatch} calls, got ${body.length}`));
  }
  const answers: string[] = [];
  let length = 0;
  for (const [index, call] of body.entries()) {
    const isAdmitted = (index === 0 || options.admit === undefined || options.admit()) && length <= MAX_ANSWER_LENGTH;
    const answered = isAdmitted ? await answer(call) : response(rawId(call) ?? "null", { error: TOO_MANY });
    if (answered !== undefined) answers.push(answered);
    length += answered?.length ?? 0;
  }
  return answers.length === 0 ? undefined : `[${answers.join(",")}]`;
}

async function answerOne(
  given: unknown,
  methods: ReadonlyMap<string, RpcMethod>,
  onBug: (error: unknown) => void,
): Promise<string | undefined> {
  let call: RpcCall;
  try {
    call = readCall(given);
  } catch (error) {
    return response(rawId(given) ?? "null", invalidRequest(error instanceof GlassboxError ? error.message : ""));
  }
  const outcome = await run(call, methods, onBug);
  return call.id === undefined ? undefined : response(call.id, outcome);
}

async function run(
  call: RpcCall,
  methods: ReadonlyMap<string, RpcMethod>,
  onBug: (error: unknown) => void,
): Promise<{ result: unknown } | { error: RpcError }> {
  const method = methods.get(call.method);
  if (!method) return { error: { code: -32601, message: "Method not found", data: "STORAGE_METHOD_UNKNOWN" } };
  try {
    return { result: (await method.call(call.params)) ?? null };
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.kind === "bug") onBug(error);
    return { error: rpcError(error) };
  }
}

function readCall(given: unknown): RpcCall {
  ensureInput(typeof given === "object" && given !== null, "STORAGE_RPC_INVALID", "a call is an object");
  const { jsonrpc, method, params } = given as Record<string, unknown>;
  ensureInput(jsonrpc === "2.0", "STORAGE_RPC_INVALID", 'jsonrpc must be "2.0"');
  ensureInput(typeof method === "string", "STORAGE_RPC_INVALID", "method must be a string");
  ensureInput(params === undefined || Array.isArray(params), "STORAGE_RPC_INVALID", "params must be an array");
  const id = rawId(given);
  ensureInput(id !== undefined || !("id" in given), "STORAGE_RPC_INVALID", "id must be a number, a string or null");
  return { id, method, params: params ?? [] };
}

function rawId(given: unknown): string | undefined {
  if (typeof given !== "object" || given === null || !("id" in given)) return undefined;
  return given.id instanceof RawText ? given.id.text : undefined;
}

function invalidRequest(data: string): { error: RpcError } {
  return { error: { code: -32600, message: "Invalid Request", data: `STORAGE_RPC_INVALID: ${data}` } };
}

function response(id: string, outcome: { result: unknown } | { error: RpcError }): string {
  return `{"jsonrpc":"2.0","id":${id},${JSON.stringify(outcome).slice(1)}`;
}

/** An upper bound of the values in a JSON text: what separates them, also inside of strings. */
function valuesIn(text: string): number {
  let count = 1;
  for (const separator of [",", "[", "{"]) {
    for (let at = text.indexOf(separator); at >= 0 && count <= MAX_VALUES; at = text.indexOf(separator, at + 1))
      count++;
  }
  return count;
}

function parseWithIds(text: string): unknown {
  const reviver = (key: string, value: unknown, context?: { source?: string }): unknown => {
    const isId = key === "id" && (value === null || typeof value === "number" || typeof value === "string");
    return isId && context?.source !== undefined ? new RawText(context.source) : value;
  };
  return JSON.parse(text, reviver);
}

import { GlassboxError } from "../core/errors.ts";

/** The error member of a JSON-RPC response. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: string;
}

/**
 * Errors that 0G clients tell apart by their text. A held segment is reported so that each client counts it as done:
 * the Go client looks at the message, the TypeScript client at the data.
 */
const KNOWN: Readonly<Record<string, RpcError>> = {
  STORAGE_FILE_FINALISED: { code: -32602, message: "Invalid params: root", data: "already uploaded and finalized" },
  STORAGE_SEGMENT_DUPLICATE: {
    code: -32602,
    message: "segment has already been uploaded or is being uploaded",
    data: "STORAGE_SEGMENT_DUPLICATE: segment already uploaded and finalized",
  },
  STORAGE_BUSY: { code: -32000, message: "too many data writing", data: "STORAGE_BUSY" },
  STORAGE_FULL: { code: -32000, message: "no room for more segments", data: "STORAGE_FULL" },
  STORAGE_RATE_LIMIT: { code: -32005, message: "Too many requests", data: "STORAGE_RATE_LIMIT" },
  STORAGE_BODY_LENGTH: { code: -32600, message: "Invalid Request", data: "STORAGE_BODY_LENGTH: the body is too large" },
};

/** What a stranger may know of an error: bad input by name, faults of our own without details. */
export function rpcError(error: unknown): RpcError {
  if (!(error instanceof GlassboxError) || error.kind === "bug") {
    return { code: -32603, message: "Internal error", data: "STORAGE_INTERNAL" };
  }
  // Where our chain is, and why it does not answer, is no stranger's business.
  const isOfOurChain = error.kind === "network" && error.code.startsWith("CHAIN_");
  if (isOfOurChain) return { code: -32000, message: "the chain is out of reach", data: error.code };
  const data = `${error.code}: ${error.message}`;
  return KNOWN[error.code] ?? { code: -32602, message: `Invalid params: ${error.message}`, data };
}

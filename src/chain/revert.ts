import { isError, type ErrorDescription } from "ethers";

import { GlassboxError } from "../core/errors.ts";
import { contractInterface } from "./abi.ts";
import { CONTRACT_SOURCES } from "./contract-names.ts";

/** Contracts that a deployment creates as it goes, or that stand on other chains. */
const OTHER_SOURCES = ["compute/GameReader", "models/ModelShares", "staking/ServiceInbox"];

/** `0x` and the four bytes that name an error. */
const SELECTOR_DIGITS = 10;

/** What ethers and Node throw when the chain refuses, answers nonsense, or is gone. */
const CHAIN_FAILURES: readonly unknown[] = [
  "CALL_EXCEPTION",
  "INSUFFICIENT_FUNDS",
  "NONCE_EXPIRED",
  "REPLACEMENT_UNDERPRICED",
  "TRANSACTION_REPLACED",
  "BAD_DATA",
  "SERVER_ERROR",
  "NETWORK_ERROR",
  "TIMEOUT",
  "UNKNOWN_ERROR",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
];

/** Whether this was thrown because of the chain, and not because of how it was called: then `chainError` names it. */
export function isChainFailure(error: unknown): boolean {
  return error instanceof Error && "code" in error && CHAIN_FAILURES.includes(error.code);
}

/**
 * Turns what a provider throws into a named error.
 * A revert becomes kind `revert` with the contract's error name and arguments; what the sender could not pay becomes
 * `CHAIN_FUNDS_MISSING`; a failed connection becomes kind `network`. A GlassboxError passes through.
 */
export function chainError(error: unknown): GlassboxError {
  if (error instanceof GlassboxError) return error;
  const data = revertData(error);
  if (data !== undefined) {
    const description = parseCustomError(data);
    const text = description ? formatError(description) : data === "0x" ? "without a reason" : data;
    return new GlassboxError("revert", "CHAIN_REVERTED", `the chain refused: ${text}`, {
      cause: error,
      details: { error: description?.name ?? null, arguments: description?.args.map(String) ?? [] },
    });
  }
  const message = briefly(error);
  if (isError(error, "INSUFFICIENT_FUNDS") || /insufficient funds|doesn't have enough funds/i.test(message)) {
    return new GlassboxError("revert", "CHAIN_FUNDS_MISSING", "the sender can't pay for this transaction", {
      cause: error,
      hint: "send native coin to the account that signs",
    });
  }
  if (isError(error, "NONCE_EXPIRED")) {
    return new GlassboxError("network", "CHAIN_NONCE_USED", "another transaction of this account came first", {
      cause: error,
      hint: "the account sends from elsewhere too, perhaps a worker: try again, or use an account of its own",
    });
  }
  return new GlassboxError("network", "CHAIN_CALL_FAILED", `the chain did not answer as expected: ${message}`, {
    cause: error,
  });
}

/** What went wrong, without what ethers appends: the request with the endpoint's URL, which may hold a secret. */
function briefly(error: unknown): string {
  // What ethers has no name for is told in the endpoint's own words.
  const { message } = ((error as { error?: unknown } | undefined)?.error ?? {}) as { message?: unknown };
  if (isError(error, "UNKNOWN_ERROR") && typeof message === "string") return message;
  if (error instanceof Error) return "shortMessage" in error ? String(error.shortMessage) : error.message;
  return String(error);
}

/** The custom error in revert data, looked up in every contract of a deployment. */
function parseCustomError(data: string): ErrorDescription | null {
  if (data.length < SELECTOR_DIGITS) return null;
  for (const source of [...Object.values(CONTRACT_SOURCES), ...OTHER_SOURCES]) {
    const description = contractInterface(source).parseError(data);
    if (description) return description;
  }
  return null;
}

function formatError(description: ErrorDescription): string {
  const { name, args, fragment } = description;
  const shown = args.map((value, index) => formatArgument(value, fragment.inputs[index]?.type));
  return `${name}(${shown.join(", ")})`;
}

/** Names of parameters are short strings in a bytes32. */
function formatArgument(value: unknown, type: string | undefined): string {
  const text = String(value);
  if (type !== "bytes32") return text;
  const [, name] = /^([\x21-\x7e]+)\0+$/.exec(Buffer.from(text.slice(2), "hex").toString("latin1")) ?? [];
  return name ?? text;
}

function revertData(error: unknown): string | undefined {
  for (let current = error, depth = 0; current && depth < 8; depth++) {
    const { data, error: inner, info, cause } = current as Record<string, unknown>;
    if (typeof data === "string" && data.startsWith("0x")) return data;
    if (data && typeof (data as { data?: unknown }).data === "string") return (data as { data: string }).data;
    current = inner ?? info ?? cause;
  }
  return undefined;
}

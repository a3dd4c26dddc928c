import { once } from "node:events";

import type { Wallet } from "ethers";

import { fromHex, type Hex } from "../core/bytes.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import { createLogger, LOG_LEVELS, type Logger } from "../telemetry/logger.ts";
import { ensureInput } from "../core/errors.ts";
import type { Context } from "./context.ts";

/** How often workers ask the chain for new blocks. */
export const POLL_MS = 250;

/** The logger of a worker process, at the level that the settings name. */
export function workerLogger(component: string, context: Context): Logger {
  const level = LOG_LEVELS.find((name) => name === context.settings.logLevel.value);
  ensureInput(level !== undefined, "CLI_LOG_LEVEL", `--log-level takes ${LOG_LEVELS.join(", ")}`);
  return createLogger(component, level);
}

/** The account's key, for signing messages. */
export function unlockedKey(wallet: Wallet): UnlockedKey {
  return { address: wallet.address as Hex, secretKey: fromHex(wallet.privateKey, 32) };
}

/** Says that a worker is ready, and waits until it is asked to stop or fails. */
export async function serveUntilStopped(
  context: Context,
  worker: { readonly url: string; readonly failed?: Promise<void>; close(): Promise<void> },
): Promise<void> {
  context.result({ ready: true, url: worker.url }, `listening at ${worker.url}`);
  try {
    await untilStopped(context, worker.failed);
  } finally {
    await worker.close();
  }
}

/** Waits until a process is asked to stop. @throws what `failed` rejects with */
export async function untilStopped({ signal }: Context, failed?: Promise<void>): Promise<void> {
  if (!signal.aborted) await Promise.race([once(signal, "abort"), ...(failed ? [failed] : [])]);
}

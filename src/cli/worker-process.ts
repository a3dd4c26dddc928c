import { once } from "node:events";

import type { Wallet } from "ethers";

import { fromHex, type Hex } from "../core/bytes.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import { health } from "../telemetry/health.ts";
import { createLogger, LOG_LEVELS, type Logger } from "../telemetry/logger.ts";
import { ensureInput } from "../core/errors.ts";
import { startStatusServer } from "../worker/status-server.ts";
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
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= worker.close());
  try {
    await withStatus(context, async () => {
      context.result({ ready: true, url: worker.url }, `listening at ${worker.url}`);
      await untilStopped(context, worker.failed);
      await close();
    });
  } finally {
    await close();
  }
}

/** Waits until a process is asked to stop. @throws what `failed` rejects with */
export async function untilStopped({ signal }: Context, failed?: Promise<void>): Promise<void> {
  if (!signal.aborted) await Promise.race([once(signal, "abort"), ...(failed ? [failed] : [])]);
}

/**
 * Serves metrics and health while a process works, if the settings name an address for them.
 * @throws GlassboxError `CLI_ADDRESS_INVALID` for an address that is none, `HTTP_PORT_TAKEN`, or what `work` throws.
 */
export async function withStatus(context: Context, work: () => Promise<void>): Promise<void> {
  const address = context.settings.metrics.value;
  if (address === undefined) return work();
  const [, host = "", port = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(address) ?? [];
  ensureInput(
    Number(port) <= 65_535 && port !== "",
    "CLI_ADDRESS_INVALID",
    `--metrics takes host:port, got ${address}`,
  );
  const status = await startStatusServer(
    host === "" ? "127.0.0.1" : host,
    Number(port),
    workerLogger("status", context),
  );
  context.progress(`metrics at ${status.url}/metrics, health at ${status.url}/health`);
  context.signal.addEventListener("abort", () => {
    health.drain();
  });
  try {
    await work();
  } finally {
    await status.close();
  }
}

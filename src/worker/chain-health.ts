import { health } from "../telemetry/health.ts";
import { chainBlock } from "./worker-metrics.ts";

/** A chain that was not read for so long is out of reach. */
const SILENT_MS = 30_000;

/**
 * Has the process report that it follows the chain, until the signal aborts.
 * @returns what to call with the chain's newest block each time it has answered
 */
export function reportChain(signal: AbortSignal): (head: number) => void {
  const beat = health.expect("chain", SILENT_MS, signal);
  return (head) => {
    beat();
    chainBlock.set(head);
  };
}

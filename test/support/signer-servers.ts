import type { Hex } from "../../src/core/bytes.ts";
import { MemoryStore } from "../../src/db/memory-store.ts";
import type { ServiceHome } from "../../src/staking/service-home.ts";
import { TableHistory } from "../../src/staking/table-history.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startVoteSigner } from "../../src/worker/vote-signer.ts";
import type { TestValidator } from "./quorum-chain.ts";

/** The signers of several operators. */
export interface SignerServers {
  url(operator: Hex): string | undefined;
  /** Stops one operator's signer. */
  stop(operator: Hex): Promise<void>;
  close(): Promise<void>;
}

/** Starts a signer for each validator, with a journal from epoch 1 on. All in one process, so they share what they read of tables. */
export async function startSigners(home: ServiceHome, validators: readonly TestValidator[]): Promise<SignerServers> {
  const tables = new TableHistory(home);
  const running = new Map<Hex, { url: string; close(): Promise<void> }>();
  for (const { operator, secretKey } of validators) {
    const signer = await startVoteSigner({
      home,
      operator,
      secretKey,
      store: new MemoryStore(),
      firstEpoch: 1n,
      confirmations: 0,
      tables,
      host: "127.0.0.1",
      port: 0,
      logger: createLogger("test", "silent"),
    });
    running.set(operator, signer);
  }
  const stop = async (operator: Hex): Promise<void> => {
    await running.get(operator)?.close();
    running.delete(operator);
  };
  return {
    url: (operator) => running.get(operator)?.url,
    stop,
    close: async () => {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

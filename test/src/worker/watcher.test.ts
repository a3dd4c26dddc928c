import { expect } from "chai";
import { AbiCoder, Contract, getAddress, keccak256 } from "ethers";

import { contractInterface } from "../../../src/chain/abi.ts";
import type { Contracts } from "../../../src/chain/contracts.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { startWatcher } from "../../../src/worker/watcher.ts";
import { verdictSchema, type Verdict } from "../../../src/worker/watcher-protocol.ts";
import { StubProvider } from "../../support/stub-provider.ts";

const REGISTRY = getAddress(`0x${"0b".repeat(20)}`);
const root = (byte: number): string => toHex(new Uint8Array(32).fill(byte));
const digestOf = (outputs: readonly unknown[]): string =>
  keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint32"], [outputs[0], outputs[6]]));

describe("watcher", () => {
  it("names the newest claim of a job by number and digest, as the chain's events give them", async () => {
    const abi = contractInterface("compute/JobRegistry");
    const provider = new StubProvider(31337);
    provider.addContract(REGISTRY, {
      abi,
      functions: { jobClaimDigest: (_job, outputs) => [digestOf(outputs as unknown as readonly unknown[])] },
    });
    const outputs = (byte: number): unknown[] => [...[0, 1, 2, 3, 4, 5].map((i) => root(byte + i)), 9n];
    for (const claim of [1, 2]) {
      const author = `0x${"aa".repeat(20)}`;
      provider.addLog(REGISTRY, "JobClaimed", [7n, claim, author, outputs(16 * claim), [1n, 2n, 3n, 4n, 5n, 6n], "0x"]);
    }
    const JobRegistry = new Contract(REGISTRY, abi, provider);
    const watcher = await startWatcher({
      // The registry knows no such job, so the claim is never recomputed: it stays pending, under its own name.
      contracts: { JobRegistry } as unknown as Contracts,
      provider,
      storage: { download: () => Promise.reject(new TypeError("not reached")) },
      host: "127.0.0.1",
      port: 0,
      fromBlock: 0,
      pollMs: 5,
      logger: createLogger("test", "silent"),
    });
    const ask = async (job: string): Promise<Verdict> =>
      verdictSchema.parse(await (await fetch(new URL(`/v1/jobs/${job}`, watcher.url))).json());
    let found = await ask("7");
    for (let asked = 0; asked < 500 && (found.claim !== 2 || found.digest === ""); asked++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      found = await ask("7");
    }
    expect(found).to.include({ job: "7", claim: 2, digest: digestOf(outputs(32)), verdict: "pending" });
    expect(await ask("8")).to.include({ claim: 0, verdict: "unknown" });
    await watcher.close();
    provider.destroy();
  });
});

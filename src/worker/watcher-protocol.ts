import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import type { ClaimOutputs } from "./job-outputs.ts";
import { requestJson } from "./json-client.ts";

const POLL_MS = 500;
const TIMEOUT_MS = 10_000;

/** A claim as watchers and coordinators name it: its place in the job, and what its author signed. A verdict is of one claim only. */
export interface ClaimName {
  readonly claim: number;
  readonly digest: Hex;
}

/** The digest of a job's claim with these outputs. */
export async function claimDigest({ JobRegistry }: Contracts, jobId: bigint, outputs: ClaimOutputs): Promise<Hex> {
  const { weightsRoot, allocationRoot, traceRoot, creditsRoot, accountsRoot, roundsRoot, accountCount } = outputs;
  // A copy: what ethers decoded is frozen, and it does not take that as an argument.
  const plain = { weightsRoot, allocationRoot, traceRoot, creditsRoot, accountsRoot, roundsRoot, accountCount };
  return (await readChain(JobRegistry.jobClaimDigest(jobId, plain))) as Hex;
}

/** The answer of a watcher to `GET /v1/jobs/<job>`: what it found of the newest claim it knows. */
export const verdictSchema = z.strictObject({
  job: z.string(),
  /** Number and digest of the claim; 0 and empty while none was seen. */
  claim: z.int().nonnegative(),
  digest: z.string(),
  verdict: z.enum(["unknown", "pending", "match", "mismatch"]),
  detail: z.string(),
});

/** A watcher's answer. */
export type Verdict = z.output<typeof verdictSchema>;

/**
 * Waits until every watcher has recomputed just this claim.
 * @throws GlassboxError `WORKER_WATCHER_MISMATCH` if one computed something else, `WORKER_WATCHER_UNABLE` if one can't judge it.
 */
export async function awaitVerdicts(
  watchers: readonly string[],
  jobId: bigint,
  claim: ClaimName,
  signal: AbortSignal,
): Promise<void> {
  for (const watcher of watchers) {
    const url = new URL(`/v1/jobs/${jobId}`, watcher).href;
    for (;;) {
      const found = await requestJson({ url, schema: verdictSchema, timeoutMs: TIMEOUT_MS, signal });
      const isOfThis = found.claim === claim.claim && found.digest === claim.digest;
      const isOf = (verdict: Verdict["verdict"]): boolean => isOfThis && found.verdict === verdict;
      ensureCheck(!isOf("mismatch"), "WORKER_WATCHER_MISMATCH", `${watcher} computed something else: ${found.detail}`, {
        hint: "the claim is not accepted; find out which of the two is wrong",
      });
      ensureCheck(!isOf("unknown"), "WORKER_WATCHER_UNABLE", `${watcher} can't judge the claim: ${found.detail}`);
      if (isOf("match")) break;
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}

import { join } from "node:path";

import { partClaim } from "../../compute/claims.ts";
import { Detail, type Meddling } from "../../compute/dispute/detail.ts";
import { operationsOf } from "../../compute/dispute/execution.ts";
import { sectionOutputs, type Program } from "../../compute/program.ts";
import { initialWeights } from "../../compute/training.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import type { Hex } from "../../core/bytes.ts";
import { GlassboxError } from "../../core/errors.ts";
import { developmentKey } from "../../crypto/development-keys.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import type { UnlockedKey } from "../../crypto/keystore.ts";
import type { KeyValueStore } from "../../db/key-value-store.ts";
import { LmdbStore } from "../../db/lmdb-store.ts";
import type { StorageClient } from "../../storage/storage-client.ts";
import { createLogger } from "../../telemetry/logger.ts";
import { coordinateJob, type CoordinatorEvent } from "../../worker/coordinator.ts";
import { executionOf } from "../../worker/dispute/job-executions.ts";
import { RoundJournal } from "../../worker/round-journal.ts";
import { SignedJournal } from "../../worker/signed-journal.ts";
import { loadJob, type LoadedJob } from "../../worker/training-job.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import { openStorage } from "../storage-access.ts";

/** Which number is altered: of part 0 of round 0, the weight at this place after this step. */
const ALTERED = { step: 40, element: 10_000 } as const;

/**
 * Leads a job as its dishonest operator. It computes one part by itself, with one number altered, and signs it; everything else is
 * what any coordinator does, with that part in its journal. It defends what it has claimed to the end.
 * @returns once the claim was refuted
 */
export async function coordinateFalsely(
  network: Network,
  jobId: bigint,
  signal: AbortSignal,
  onEvent: (event: CoordinatorEvent) => void,
): Promise<void> {
  const { contracts, chain, book, folder } = network;
  const sender = await network.sender(ROLES.dishonestTrainer);
  const secretKey = developmentKey(DEVELOPMENT_CHAIN_ID, ROLES.dishonestTrainer);
  const signer = { address: sender.address as Hex, secretKey };
  const storage: StorageClient = await openStorage(contracts, sender, {});
  const journal = new LmdbStore(join(folder, "dishonest-trainer"));
  try {
    const job = await loadJob(contracts, storage, jobId, signal);
    const meddling = alteration(job.program);
    await signAlteredPart(job, meddling, journal, signer, signal);
    await coordinateJob(jobId, {
      ...{ contracts, storage, sender, signer, journal, signal, onEvent, meddling },
      provider: chain.provider,
      fromBlock: book.startBlock,
      watchers: [],
      logger: createLogger("dishonest-trainer", "silent"),
    });
  } catch (error) {
    if (!(error instanceof GlassboxError) || error.code !== "WORKER_CLAIM_LOST") throw error;
    return;
  } finally {
    await journal.close();
  }
  throw new GlassboxError("bug", "DEMO_NOT_CAUGHT", `the false claim of job ${jobId} was accepted`);
}

/** Moves one weight by one towards 0, so that it stays within its bounds. */
function alteration(program: Program): Meddling {
  const [weights] = sectionOutputs(program, "step");
  const update = operationsOf(program, "step").findIndex(({ output }) => output === weights);
  return ({ step, operation, elements }) => {
    if (step !== ALTERED.step || operation !== update || elements instanceof BigInt64Array) return undefined;
    const weight = elements[ALTERED.element] ?? 0;
    elements[ALTERED.element] = weight > 0 ? weight - 1 : weight + 1;
    return undefined;
  };
}

/** Computes the job's first part with the alteration, signs it, and puts it where a coordinator looks for parts that are done. */
async function signAlteredPart(
  job: LoadedJob,
  meddling: Meddling,
  store: KeyValueStore,
  signer: UnlockedKey,
  signal: AbortSignal,
): Promise<void> {
  const start = initialWeights(job.program, job.seed);
  const execution = executionOf(
    job,
    { section: "step", round: 0, part: 0 },
    { start: () => start, ends: () => [], credits: undefined, accounts: 0 },
  );
  const weights = await (await Detail.compute(execution, { meddling, signal })).output(signal);
  const { jobId, domain } = job;
  const claim = partClaim(job, { index: 0n, startRoot: fileRoot(start), endRoot: fileRoot(weights) });
  const signature = await new SignedJournal(store, signer).signPart(domain, claim);
  const { address } = signer;
  const part = { signature, operator: address, signer: address, weights };
  await new RoundJournal(store, BigInt(domain.chainId), jobId).keep(0n, part);
}

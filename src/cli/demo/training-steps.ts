import { join } from "node:path";

import { eventOf } from "../../chain/events.ts";
import { evaluate } from "../../compute/evaluate.ts";
import { loadProgram } from "../../compute/validate.ts";
import { ensureCheck } from "../../core/errors.ts";
import { readMnist } from "../../models/mnist.ts";
import type { StorageClient } from "../../storage/storage-client.ts";
import type { CoordinatorEvent } from "../../worker/coordinator.ts";
import { modelFiles } from "../../worker/model-files.ts";
import { verdictSchema } from "../../worker/watcher-protocol.ts";
import { openTrainingJob } from "../actions/open-job.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import type { Stage } from "./stage.ts";

/** How long training and claiming may take. */
const TRAINING_MS = 300_000;
/** Held-out digits that accuracy is measured on, and the least share of them that makes a model worth owning. */
const HELD_OUT = 2_000;
const WORTH_OWNING = 0.93;
/** Rounds between two lines of progress. */
const TELL_EVERY = 8;

/** Trains a job's model version to acceptance, and measures it: it must be worth owning. */
export async function trainModel(
  stage: Stage,
  network: Network,
  storage: StorageClient,
  jobId: bigint,
): Promise<{ versionId: bigint; accuracy: number }> {
  const versionId = await trainToAcceptance(stage, network, jobId);
  const accuracy = await measureAccuracy(network, storage, versionId, HELD_OUT, stage.signal);
  stage.tell(`${(accuracy * 100).toFixed(2)} % of ${HELD_OUT} held-out digits are classified correctly`);
  ensureCheck(accuracy >= WORTH_OWNING, "DEMO_ACCURACY", `accuracy ${accuracy} is below ${WORTH_OWNING}`);
  return { versionId, accuracy };
}

/** Creates the model token and a job that trains its first version; waits until all compute workers have joined. */
export async function openJob(
  stage: Stage,
  network: Network,
  storage: StorageClient,
  datasetId: bigint,
): Promise<bigint> {
  const { contracts } = network;
  const owner = await network.sender(ROLES.owner);
  const created = await owner.send(contracts.ModelRegistry.createModel.populateTransaction("digits"));
  const { modelId } = eventOf(created, contracts.ModelRegistry, "ModelCreated");
  const jobId = await openTrainingJob(contracts, owner, storage, {
    modelId,
    datasetId,
    rounds: undefined,
    signal: stage.signal,
  });
  const wanted = network.computeWorkers.length;
  await stage.until("the compute workers to join", 60, async () =>
    (await contracts.JobRegistry.joined(jobId)).length === wanted ? true : undefined,
  );
  return jobId;
}

/** Runs the coordinator in its process until its claim is accepted. @returns the number of the new version */
export async function trainToAcceptance(stage: Stage, network: Network, jobId: bigint): Promise<bigint> {
  const { contracts, chain, watcher } = network;
  const coordinator = network.start("coordinator", [
    "compute",
    "coordinator",
    String(jobId),
    "--data",
    join(network.folder, "coordinator"),
    "--watcher",
    watcher.url,
    "--dev-account",
    String(ROLES.coordinator),
  ]);
  const next = (): Promise<CoordinatorEvent> => coordinator.ready(readEvent, TRAINING_MS, stage.signal);
  for (;;) {
    const event = await next();
    if (event.event === "round" && (event.round % TELL_EVERY === 0 || event.round === event.of)) {
      stage.tell(`round ${event.round} of ${event.of}`);
    }
    if (event.event !== "claimed") continue;
    stage.tell(`claimed: weights ${event.weightsRoot}, trace ${event.traceRoot}`);
    break;
  }
  await stage.until("the watcher's verdict", 180, async () => {
    const response = await fetch(new URL(`/v1/jobs/${jobId}`, watcher.url));
    const found = verdictSchema.parse(await response.json());
    const { verdict, detail } = found;
    const { claim } = await contracts.JobRegistry.job(jobId);
    // It may still speak of a claim that was refuted.
    if (found.claim !== Number(claim.number)) return undefined;
    ensureCheck(verdict !== "mismatch", "DEMO_WATCHER_MISMATCH", `the watcher computed something else: ${detail}`);
    if (verdict !== "match") return undefined;
    stage.tell(`the watcher recomputed the claim: ${detail}`);
    return true;
  });
  const { params } = await contracts.JobRegistry.job(jobId);
  await chain.passSeconds(Number(params.claimWindowSeconds) + 1);
  for (;;) {
    const event = await next();
    if (event.event === "accepted") return BigInt(event.versionId);
  }
}

/** The share of MNIST's first held-out digits that a version classifies correctly. */
async function measureAccuracy(
  network: Network,
  storage: StorageClient,
  versionId: bigint,
  digits: number,
  signal: AbortSignal,
): Promise<number> {
  const { program, weights } = await modelFiles(network.contracts, storage, versionId, signal);
  return evaluate(loadProgram(program), weights, await readMnist("test", digits)).accuracy;
}

function readEvent(line: string): CoordinatorEvent | undefined {
  return line.startsWith("{") ? (JSON.parse(line) as CoordinatorEvent) : undefined;
}

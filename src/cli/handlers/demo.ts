import { ensureCheck } from "../../core/errors.ts";
import { closeProver } from "../../proofs/prover.ts";
import type { Handler } from "../command.ts";
import { trainFalselyAndGetCaught } from "../demo/dispute-step.ts";
import { voteTwiceAndGetCaught } from "../demo/equivocation-step.ts";
import { buyAnswers, publishKey } from "../demo/market-steps.ts";
import { backOperator, distributeShares, withdrawRevenue } from "../demo/ownership-steps.ts";
import { settleSlashes } from "../demo/slash-ledger.ts";
import { Stage } from "../demo/stage.ts";
import { loseDataAndGetCaught, provePossession, publishDataset } from "../demo/storage-steps.ts";
import { summaryText, type DemoSummary } from "../demo/summary.ts";
import { openJob, trainModel } from "../demo/training-steps.ts";
import { verifyVersion } from "../demo/verify-step.ts";
import { buildContracts } from "../hardhat.ts";
import { ROLES } from "../network/accounts.ts";
import { startNetwork, type Network } from "../network/network.ts";
import { openStorage } from "../storage-access.ts";
import { optionalTextOf } from "../values.ts";

const WORKERS = 3;
/** Training samples: a power of two, so that no row of the samples tensor is padding. */
const SAMPLES = 16_384;
const ANSWERS = 10;

/** Runs the main job from deployment to verification on a network of real processes. */
export const demo: Handler = async (context, values) => {
  const started = performance.now();
  const stage = new Stage(context.signal, (line) => {
    context.progress(line);
  });
  const cacheDir = context.settings.cacheDir.value;
  const network = await stage.step(
    "Deploy the contracts; operators stake and start their workers",
    undefined,
    async () => {
      stage.tell("compiling the contracts: some minutes the first time");
      await buildContracts(context.signal);
      return startNetwork({
        port: undefined,
        storageWorkers: WORKERS,
        computeWorkers: WORKERS,
        computeOperators: [ROLES.dishonestTrainer],
        keep: optionalTextOf(values, "keep"),
        addressBook: undefined,
        cacheDir,
        signal: context.signal,
        onProgress: (line) => {
          stage.tell(line);
        },
      });
    },
  );
  try {
    const summary = await play(stage, network, cacheDir, started);
    context.result(summary.json, summaryText(summary, stage.costs));
    ensureCheck(summary.json.verify === "pass", "DEMO_VERIFY_FAILED", "the model did not verify");
  } finally {
    closeProver();
    await network.stop();
  }
};

async function play(stage: Stage, network: Network, cacheDir: string, started: number): Promise<DemoSummary> {
  const owner = await network.sender(ROLES.owner);
  const storage = await openStorage(network.contracts, owner, {});

  await stage.step("A delegator backs an operator", network, () => backOperator(stage, network));
  const dataset = await stage.step("Publish the dataset to the storage workers", network, () =>
    publishDataset(stage, network, storage, SAMPLES),
  );
  await stage.step("Storage workers prove possession", network, () =>
    provePossession(stage, network, network.storageWorkers, 2),
  );
  const jobId = await stage.step("Open a training job", network, () =>
    openJob(stage, network, storage, dataset.datasetId),
  );
  const refuted = await stage.step("A trainer that altered one number is caught", network, () =>
    trainFalselyAndGetCaught(stage, network, jobId),
  );
  const { versionId, accuracy } = await stage.step("Train together, claim, wait out the window", network, () =>
    trainModel(stage, network, storage, jobId),
  );
  const holders = await stage.step("Share the model among all who contributed", network, () =>
    distributeShares(stage, network, storage, versionId),
  );
  const bought = await stage.step("Sell answers with proofs", network, async () => {
    await publishKey(stage, network, storage, versionId, cacheDir);
    return buyAnswers(stage, network, versionId, ANSWERS);
  });
  const revenue = await stage.step("Shareholders take their revenue", network, () =>
    withdrawRevenue(stage, network, versionId, holders),
  );
  ensureCheck(
    bought.spentWei === bought.workerWei + revenue.receivedWei,
    "DEMO_MONEY_SUM",
    `paid ${bought.spentWei}, earned ${bought.workerWei} + ${revenue.receivedWei}`,
  );
  await stage.step("A storage worker that lost its data is caught", network, () =>
    loseDataAndGetCaught(stage, network, network.storageWorkers.at(-1)!),
  );
  const slashes = await stage.step("An operator that signed two conflicting votes is caught", network, async () => {
    await voteTwiceAndGetCaught(stage, network, ROLES.storageOperators[0]);
    return settleSlashes(stage, network);
  });
  const verdict = await stage.step("Verify the model from chain and storage alone", network, () =>
    verifyVersion(stage, network, versionId, cacheDir),
  );

  return {
    json: {
      accuracy,
      samples: dataset.count,
      storageWorkers: network.storageWorkers.length,
      computeWorkers: network.computeWorkers.length,
      inferencesProven: bought.proven,
      slashed: slashes.operators,
      slashedWei: slashes.slashedWei.toString(),
      burntWei: slashes.burntWei.toString(),
      bountyWei: slashes.bountyWei.toString(),
      dispute: {
        author: refuted.author,
        moves: refuted.moves,
        gas: refuted.gas.toString(),
        bondWei: refuted.bondWei.toString(),
        bondBurntWei: refuted.bondBurntWei.toString(),
        bondWonWei: refuted.bondWonWei.toString(),
        slashedWei: refuted.slashedWei.toString(),
      },
      revenueWei: revenue.receivedWei.toString(),
      claimedWei: revenue.claimedWei.toString(),
      spentWei: bought.spentWei.toString(),
      workerWei: bought.workerWei.toString(),
      verify: verdict,
      gas: stage.costs.reduce((sum, { gas }) => sum + gas, 0n).toString(),
      seconds: Number(((performance.now() - started) / 1_000).toFixed(1)),
    },
    holders: holders.length,
  };
}

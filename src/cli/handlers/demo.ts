import { parseEther } from "ethers";

import { ensureCheck } from "../../core/errors.ts";
import { closeProver } from "../../proofs/inference-proof.ts";
import { delegateStake } from "../../staking/operators.ts";
import { EthersChainReader } from "../../verifier/ethers-chain-reader.ts";
import { reportText } from "../../verifier/report-text.ts";
import { snarkProofChecker } from "../../verifier/snark-proof-checker.ts";
import { storageFileReader } from "../../verifier/storage-file-reader.ts";
import { verifyModel } from "../../verifier/verify-model.ts";
import { publishMnist } from "../actions/publish-dataset.ts";
import type { Handler } from "../command.ts";
import { buyAnswers, publishKey } from "../demo/market-steps.ts";
import { distributeShares, withdrawRevenue } from "../demo/ownership-steps.ts";
import { Stage } from "../demo/stage.ts";
import { loseDataAndGetCaught, provePossession, waitForSeats } from "../demo/storage-steps.ts";
import { summaryText, type DemoSummary } from "../demo/summary.ts";
import { measureAccuracy, openJob, trainToAcceptance } from "../demo/training-steps.ts";
import { buildContracts } from "../hardhat.ts";
import { ROLES } from "../network/accounts.ts";
import { startNetwork, type Network } from "../network/network.ts";
import { openDownloader, openStorage } from "../storage-access.ts";
import { optionalTextOf } from "../values.ts";

const WORKERS = 3;
/** Training samples: a power of two, so that no row of the samples tensor is padding. */
const SAMPLES = 16_384;
/** Held-out digits that accuracy is measured on, and the least share of them that makes a model worth owning. */
const HELD_OUT = 2_000;
const WORTH_OWNING = 0.93;
const ANSWERS = 10;
const DELEGATED_WEI = parseEther("5000");

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
      stage.tell("compiling the contracts");
      await buildContracts(context.signal);
      return startNetwork({
        port: undefined,
        storageWorkers: WORKERS,
        computeWorkers: WORKERS,
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
  const { contracts, book } = network;
  const { signal } = stage;
  const owner = await network.sender(ROLES.owner);
  const storage = await openStorage(contracts, owner, {});

  await stage.step("A delegator backs an operator", network, async () => {
    const delegator = await network.sender(ROLES.delegator);
    const operator = await network.sender(ROLES.storageOperators[0]);
    await delegateStake(contracts, delegator, operator.address, DELEGATED_WEI);
    stage.tell(`${DELEGATED_WEI} wei of stake behind ${operator.address}`);
  });

  const dataset = await stage.step("Publish the dataset to the storage workers", network, async () => {
    const published = await publishMnist(contracts, owner, storage, {
      samples: SAMPLES,
      chainId: book.chainId,
      signal,
      onFile: (name, bytes) => {
        stage.tell(`${name}: ${bytes} bytes stored`);
      },
    });
    await waitForSeats(stage, network, published.submissions);
    stage.tell(
      `dataset ${published.datasetId}: ${published.count} samples with signed labels, every row held ${WORKERS} times`,
    );
    return published;
  });

  await stage.step("Storage workers prove possession", network, () =>
    provePossession(stage, network, network.storageWorkers, 2),
  );

  const { versionId, accuracy } = await stage.step("Train together, claim, wait out the window", network, async () => {
    const { jobId } = await openJob(stage, network, storage, dataset.datasetId);
    const accepted = await trainToAcceptance(stage, network, jobId);
    const share = await measureAccuracy(network, storage, accepted, HELD_OUT, signal);
    stage.tell(`${(share * 100).toFixed(2)} % of ${HELD_OUT} held-out digits are classified correctly`);
    ensureCheck(share >= WORTH_OWNING, "DEMO_ACCURACY", `accuracy ${share} is below ${WORTH_OWNING}`);
    return { versionId: accepted, accuracy: share };
  });

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

  const caught = await stage.step("A storage worker that lost its data is caught", network, async () => {
    const cheater = network.storageWorkers.at(-1)!;
    const result = await loseDataAndGetCaught(stage, network, cheater);
    stage.tell(`${result.url} was slashed ${result.slashedWei} wei on evidence of its peers`);
    return result;
  });

  const report = await stage.step("Verify the model from chain and storage alone", network, async () => {
    const downloader = await openDownloader(contracts, {});
    const result = await verifyModel({
      versionId,
      chain: new EthersChainReader(book, network.chain.provider),
      files: storageFileReader(downloader),
      proofs: snarkProofChecker(cacheDir),
      signal,
    });
    for (const line of reportText(result).split("\n")) stage.tell(line);
    return result;
  });

  return {
    json: {
      accuracy,
      samples: dataset.count,
      storageWorkers: network.storageWorkers.length,
      computeWorkers: network.computeWorkers.length,
      inferencesProven: bought.proven,
      slashed: 1,
      slashedWei: caught.slashedWei.toString(),
      revenueWei: revenue.receivedWei.toString(),
      claimedWei: revenue.claimedWei.toString(),
      spentWei: bought.spentWei.toString(),
      workerWei: bought.workerWei.toString(),
      verify: report.verdict,
      gas: stage.costs.reduce((sum, { gas }) => sum + gas, 0n).toString(),
      seconds: Number(((performance.now() - started) / 1_000).toFixed(1)),
    },
    holders: holders.length,
  };
}

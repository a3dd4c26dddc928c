import { parseEther } from "ethers";

import type { Hex } from "../../core/bytes.ts";

import { ensureInvariant } from "../../core/errors.ts";
import { developmentKey } from "../../crypto/development-keys.ts";
import { MNIST_IMAGE_BYTES, readMnist } from "../../models/mnist.ts";
import type { StorageClient } from "../../storage/storage-client.ts";
import { modelFiles } from "../../worker/model-files.ts";
import { bakedKey } from "../../worker/model-keys.ts";
import { buyAnswer, depositForProvider, type Consumer } from "../actions/buy-answer.ts";
import { offerModel } from "../actions/offer-model.ts";
import { registerKey } from "../actions/register-key.ts";
import { formatTokens } from "../amounts.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import type { Stage } from "./stage.ts";

/** Price of one answer, not a multiple of anything, so that rounding shows. */
const PRICE_WEI = parseEther("0.123456789012345679");

/** Builds the circuit with the version's weights in it, and registers its key under bond. */
export async function publishKey(
  stage: Stage,
  network: Network,
  storage: StorageClient,
  versionId: bigint,
  cacheDir: string,
): Promise<void> {
  const key = await bakedKey(await modelFiles(network.contracts, storage, versionId, stage.signal), {
    cacheDir,
    signal: stage.signal,
    onProgress: (built) => {
      stage.tell(`circuit: ${built}`);
    },
  });
  stage.tell(key.cached ? "the circuit was in the cache" : "the circuit was built");
  const { insecure, bondWei } = await registerKey(network.contracts, await network.sender(ROLES.owner), versionId, key);
  stage.tell(
    `the key is registered under a bond of ${formatTokens(bondWei)}${insecure ? "; DEVELOPMENT set-up, INSECURE" : ""}`,
  );
}

/** What the consumer bought. */
export interface BoughtAnswers {
  readonly proven: number;
  readonly correct: number;
  readonly spentWei: bigint;
  readonly workerWei: bigint;
}

/** Buys answers about held-out digits; each is settled with its proof on chain. */
export async function buyAnswers(
  stage: Stage,
  network: Network,
  versionId: bigint,
  count: number,
): Promise<BoughtAnswers> {
  const { contracts, book } = network;
  const [worker] = network.computeWorkers;
  ensureInvariant(worker !== undefined, "DEMO_WORKERS_MISSING", "the demo needs a compute worker");
  const provider = await network.sender(worker.role);
  await offerModel(contracts, provider, versionId, PRICE_WEI);

  const sender = await network.sender(ROLES.consumer);
  const secretKey = developmentKey(book.chainId, ROLES.consumer);
  const consumer: Consumer = {
    contracts,
    sender,
    key: { address: sender.address as Hex, secretKey },
    chainId: book.chainId,
  };
  const spentWei = PRICE_WEI * BigInt(count);
  await depositForProvider(consumer, provider.address, spentWei);

  const { samples, labels } = await readMnist("test", count);
  let correct = 0;
  for (let i = 0; i < count; i++) {
    const input = samples.subarray(i * MNIST_IMAGE_BYTES, (i + 1) * MNIST_IMAGE_BYTES);
    const request = { versionId, provider: provider.address as Hex, url: worker.url, input };
    const { answer, transaction } = await buyAnswer(consumer, request, stage.signal);
    const right = answer === labels[i];
    if (right) correct++;
    stage.tell(`digit ${labels[i]} -> ${answer}${right ? "" : " (wrong)"}, proven in ${transaction}`);
  }
  const workerWei = await contracts.Settlement.owedWei(provider.address);
  await provider.send(contracts.Settlement.withdrawOwed.populateTransaction(provider.address));
  return { proven: count, correct, spentWei, workerWei };
}

import { expect } from "chai";

import { TxSender } from "../../../src/chain/tx-sender.ts";
import type { KeyValueStore } from "../../../src/db/key-value-store.ts";
import { MemoryStore } from "../../../src/db/memory-store.ts";
import { FlowWriter } from "../../../src/storage/flow-writer.ts";
import { StorageNodeClient } from "../../../src/storage/node-client.ts";
import { StorageClient } from "../../../src/storage/storage-client.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { startStorageWorker, type StorageWorker } from "../../../src/worker/storage-worker.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";
import { variedFile } from "../../support/files.ts";
import { deployStorage, joinStorage, STORAGE_TERMS, type StorageChain } from "../../support/storage-chain.ts";

const signal = new AbortController().signal;

describe("storage worker", function () {
  this.timeout(120_000);

  let chain: StorageChain;
  let senders: TxSender[];
  let stores: MemoryStore[];
  let workers: StorageWorker[];
  let client: StorageClient;

  function start(sender: TxSender, store: KeyValueStore): Promise<StorageWorker> {
    return startStorageWorker({
      provider: chain.provider,
      contracts: chain.contracts,
      sender,
      store,
      logger: createLogger("test", "silent"),
      chainId: 31337,
      host: "127.0.0.1",
      port: 0,
      fromBlock: 0,
      pollMs: 20,
    });
  }

  before(async () => {
    chain = await deployStorage();
    senders = await joinStorage(chain, chain.signers.slice(1, 3));
    stores = [new MemoryStore(), new MemoryStore()];
    workers = await Promise.all(senders.map((sender, i) => start(sender, stores[i] as MemoryStore)));
    const writer = new FlowWriter(chain.contracts, await TxSender.create(chain.signers[5]!));
    client = new StorageClient(
      workers.map((worker) => new StorageNodeClient(worker.url)),
      writer,
    );
  });
  after(() => Promise.all(workers.map((worker) => worker.close())));

  async function filledBy(submission: number): Promise<number> {
    const { Market } = chain.contracts;
    const { firstRowId, count } = await Market.defaultRows(submission);
    let seats = 0;
    for (let row = firstRowId; row < firstRowId + count; row++) seats += Number((await Market.row(row)).seatCount);
    return seats;
  }

  it("learns files from the chain, takes their bytes, and takes a seat in each row", async () => {
    for (const byteLength of [1, 600, 300_000]) {
      const bytes = variedFile(byteLength);
      const stored = await client.upload(bytes, signal);
      await chain.mineUntil(async () => (await filledBy(stored.submission)) === rowsOf(byteLength) * 2);
      expect(await chain.contracts.Market.isFilled(stored.submission, 0)).to.equal(true);
      expect(Buffer.compare(await client.download(stored.submission, signal), bytes)).to.equal(0);
    }
    expect(await rejectionCodeOf(() => client.download(99, signal))).to.equal("CHAIN_REVERTED");
  });

  it("answers the challenge of each epoch and is paid", async () => {
    const { StorageProofs, Market } = chain.contracts;
    const epoch = (await StorageProofs.currentEpoch()) + 1n;
    await chain.mineUntil(async () => (await StorageProofs.currentEpoch()) >= epoch);
    for (const { address } of senders) {
      await chain.mineUntil(() => StorageProofs.hasAnswered(address, epoch));
      const answers = await StorageProofs.queryFilter(StorageProofs.filters.ChallengeAnswered(address));
      const leaves = answers.reduce((sum, answer) => sum + answer.args.leaves, 0n);
      expect(leaves > 0n).to.equal(true);
      expect(await Market.owedWei(address)).to.equal(leaves * STORAGE_TERMS.pricePerLeafEpochWei);
    }
  });

  it("goes on where it was after a restart", async () => {
    await workers[0]?.close();
    workers[0] = await start(senders[0]!, stores[0]!);
    const { StorageProofs } = chain.contracts;
    const epoch = (await StorageProofs.currentEpoch()) + 1n;
    await chain.mineUntil(async () => (await StorageProofs.currentEpoch()) >= epoch);
    await chain.mineUntil(() => StorageProofs.hasAnswered(senders[0]!.address, epoch));
  });

  it("reports and punishes a holder that lost its bytes", async () => {
    const { StorageProofs, StakePool } = chain.contracts;
    const loser = senders[0]!.address;
    const stakeBefore = await StakePool.stakeOf(loser);
    await workers[0]?.close();
    workers[0] = await start(senders[0]!, new MemoryStore());
    const missed = (await StorageProofs.currentEpoch()) + 1n;
    await chain.mineUntil(() => StorageProofs.hasMissed(loser, missed));
    await chain.mineUntil(async () => (await StakePool.stakeOf(loser)) < stakeBefore);
    expect(await StakePool.stakeOf(loser)).to.equal((stakeBefore * 19n) / 20n);
    await chain.mineUntil(async () => (await StorageProofs.generationOf(loser)) === 1n);
    expect(await StorageProofs.hasAnswered(senders[1]!.address, missed)).to.equal(true);
  });
});

function rowsOf(byteLength: number): number {
  return { 1: 1, 600: 2, 300_000: 2 }[byteLength] ?? 0;
}

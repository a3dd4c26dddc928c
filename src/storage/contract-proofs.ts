import { AbiCoder, zeroPadValue, toBeHex } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { LeafOpening } from "../crypto/file-tree.ts";
import type { ChallengeDraw, ProofsChain } from "./keeper-ports.ts";

/** Members read at once. */
const MEMBERS_PAGE = 100;

/** The terms of a StorageProofs contract that never change. */
interface Terms {
  readonly serviceId: bigint;
  readonly reportEpochs: number;
  readonly epochBlocks: number;
  readonly genesisBlock: number;
}

/** The StorageProofs contract as the sender uses it. */
export class ContractProofs implements ProofsChain {
  readonly holder: string;
  readonly reportEpochs: number;
  readonly #contracts: Contracts;
  readonly #sender: TxSender;
  readonly #terms: Terms;

  private constructor(contracts: Contracts, sender: TxSender, terms: Terms) {
    this.#contracts = contracts;
    this.#sender = sender;
    this.#terms = terms;
    this.holder = sender.address;
    this.reportEpochs = terms.reportEpochs;
  }

  static async connect(contracts: Contracts, sender: TxSender): Promise<ContractProofs> {
    const { StorageProofs } = contracts;
    const [serviceId, reportEpochs, epochBlocks, genesisBlock] = await readChain(
      Promise.all([
        StorageProofs.serviceId(),
        StorageProofs.reportEpochs(),
        StorageProofs.epochBlocks(),
        StorageProofs.genesisBlock(),
      ]),
    );
    return new ContractProofs(contracts, sender, {
      serviceId,
      reportEpochs: Number(reportEpochs),
      epochBlocks: Number(epochBlocks),
      genesisBlock: Number(genesisBlock),
    });
  }

  async currentEpoch(): Promise<number> {
    return Number(await readChain(this.#contracts.StorageProofs.currentEpoch()));
  }

  firstBlockOf(epoch: number): number {
    return this.#terms.genesisBlock + epoch * this.#terms.epochBlocks;
  }

  async holders(): Promise<string[]> {
    const found: string[] = [];
    for (;;) {
      const { ServiceRegistry } = this.#contracts;
      const page = await readChain(ServiceRegistry.members(this.#terms.serviceId, found.length, MEMBERS_PAGE));
      found.push(...page);
      if (page.length < MEMBERS_PAGE) return found;
    }
  }

  async liveLeaves(holder: string, epoch: number): Promise<number> {
    return Number(await readChain(this.#contracts.StorageProofs.liveLeaves(holder, epoch)));
  }

  hasAnswered(holder: string, epoch: number): Promise<boolean> {
    return readChain(this.#contracts.StorageProofs.hasAnswered(holder, epoch));
  }

  hasMissed(holder: string, epoch: number): Promise<boolean> {
    return readChain(this.#contracts.StorageProofs.hasMissed(holder, epoch));
  }

  isBeyondTolerance(holder: string, epoch: number): Promise<boolean> {
    return readChain(this.#contracts.StorageProofs.isBeyondTolerance(holder, epoch));
  }

  async isPunished(holder: string, epoch: number): Promise<boolean> {
    const offenceKey = zeroPadValue(toBeHex(epoch), 32);
    return (await readChain(this.#contracts.Slasher.punishedWad(this.#terms.serviceId, holder, offenceKey))) > 0n;
  }

  async challenge(epoch: number): Promise<ChallengeDraw[]> {
    const draws = await readChain(this.#contracts.StorageProofs.challenge(this.holder, epoch));
    return draws.map((draw) => ({
      submission: Number(draw.submission),
      firstLeaf: Number(draw.firstLeaf),
      height: Number(draw.height),
      leafIndex: Number(draw.leafIndex),
    }));
  }

  async answer(epoch: number, openings: readonly LeafOpening[]): Promise<void> {
    await this.#sender.send(this.#contracts.StorageProofs.answer.populateTransaction(epoch, [...openings]));
  }

  async reportMiss(holder: string, epoch: number): Promise<void> {
    await this.#sender.send(this.#contracts.StorageProofs.reportMiss.populateTransaction(holder, epoch));
  }

  async slash(holder: string, epoch: number): Promise<void> {
    const evidence = AbiCoder.defaultAbiCoder().encode(["address", "uint32"], [holder, epoch]);
    await this.#sender.send(this.#contracts.Slasher.submit.populateTransaction(this.#terms.serviceId, evidence));
  }

  async evict(holder: string, epoch: number): Promise<void> {
    await this.#sender.send(this.#contracts.StorageProofs.evictForMisses.populateTransaction(holder, epoch));
  }
}

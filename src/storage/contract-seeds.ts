import { readBlockHeader } from "../chain/block-header.ts";
import type { Contracts } from "../chain/contracts.ts";
import { readChain, type RawProvider } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { SeedChain } from "./keeper-ports.ts";

/** Records seeds in the BlockSeeds contract. */
export class ContractSeeds implements SeedChain {
  readonly #seeds: Contracts["BlockSeeds"];
  readonly #sender: TxSender;
  readonly #provider: RawProvider;

  constructor(contracts: Contracts, sender: TxSender, provider: RawProvider) {
    this.#seeds = contracts.BlockSeeds;
    this.#sender = sender;
    this.#provider = provider;
  }

  isRecorded(block: number): Promise<boolean> {
    return readChain(this.#seeds.isRecorded(block));
  }

  async record(block: number): Promise<void> {
    const header = await readBlockHeader(this.#provider, block);
    await this.#sender.send(this.#seeds.record.populateTransaction(header));
  }
}

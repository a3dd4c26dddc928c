import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { LeafOpening } from "../crypto/file-tree.ts";
import type { MarketChain, RowState } from "./keeper-ports.ts";

/** The Market contract as the sender uses it. */
export class ContractMarket implements MarketChain {
  readonly copies: number;
  readonly #contracts: Contracts;
  readonly #sender: TxSender;
  readonly #serviceId: bigint;

  private constructor(contracts: Contracts, sender: TxSender, copies: number, serviceId: bigint) {
    this.#contracts = contracts;
    this.#sender = sender;
    this.copies = copies;
    this.#serviceId = serviceId;
  }

  static async connect(contracts: Contracts, sender: TxSender): Promise<ContractMarket> {
    const [copies, serviceId] = await readChain(
      Promise.all([contracts.Market.copies(), contracts.StorageProofs.serviceId()]),
    );
    return new ContractMarket(contracts, sender, Number(copies), serviceId);
  }

  isObligable(): Promise<boolean> {
    return readChain(this.#contracts.ServiceRegistry.isObligable(this.#serviceId, this.#sender.address));
  }

  async row(rowId: number): Promise<RowState> {
    const row = await readChain(this.#contracts.Market.row(rowId));
    return {
      submission: Number(row.submission),
      firstLeaf: Number(row.firstLeaf),
      height: Number(row.height),
      seatCount: Number(row.seatCount),
    };
  }

  async holdsSeat(rowId: number): Promise<boolean> {
    const seats = await readChain(this.#contracts.Market.seats(rowId));
    return seats.some((seat) => seat.holder === this.#sender.address);
  }

  async seedBlockOf(rowId: number): Promise<number> {
    return Number(await readChain(this.#contracts.Market.seedBlockOf(this.#sender.address, rowId)));
  }

  async announce(rowIds: readonly number[]): Promise<void> {
    await this.#sender.send(this.#contracts.Market.announce.populateTransaction([...rowIds]));
  }

  async fillDraws(rowId: number): Promise<number[]> {
    return (await readChain(this.#contracts.Market.fillDraws(this.#sender.address, rowId))).map(Number);
  }

  async fill(rowId: number, openings: readonly LeafOpening[]): Promise<void> {
    await this.#sender.send(this.#contracts.Market.fill.populateTransaction(rowId, [...openings]));
  }
}

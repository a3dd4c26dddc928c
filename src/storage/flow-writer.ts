import type { Contracts } from "../chain/contracts.ts";
import { eventOf } from "../chain/events.ts";
import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import type { SubmissionNode } from "../crypto/file-tree.ts";
import { FlowReader } from "./flow-reader.ts";
import type { SubmissionWriter } from "./ports.ts";

/** Submits files to the flow contract with one account, and reads them. */
export class FlowWriter extends FlowReader implements SubmissionWriter {
  readonly #contracts: Pick<Contracts, "Flow" | "Market">;
  readonly #sender: TxSender;

  constructor(contracts: Pick<Contracts, "Flow" | "Market">, sender: TxSender) {
    super(contracts);
    this.#contracts = contracts;
    this.#sender = sender;
  }

  async submit(byteLength: number, nodes: readonly SubmissionNode[]): Promise<number> {
    const { Flow, Market } = this.#contracts;
    const priceWei = await readChain(Market.pricePerSector());
    const sectors = nodes.reduce((sum, node) => sum + (1n << BigInt(node.height)), 0n);
    const data = { length: byteLength, tags: "0x", nodes: [...nodes] };
    const submission = { data, submitter: this.#sender.address };
    const receipt = await this.#sender.send(Flow.submit.populateTransaction(submission, { value: sectors * priceWei }));
    return Number(eventOf(receipt, Flow, "Submit").submissionIndex);
  }
}

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import type { Hex } from "../core/bytes.ts";
import type { FileReference, SubmissionReader } from "./ports.ts";

/** Reads submissions from the flow contract. */
export class FlowReader implements SubmissionReader {
  readonly #flow: Contracts["Flow"];

  constructor(contracts: Pick<Contracts, "Flow">) {
    this.#flow = contracts.Flow;
  }

  /** @throws GlassboxError kind `revert` with `FlowUnknownSubmission` for an index that is not there. */
  async submission(index: number): Promise<FileReference> {
    const info = await readChain(this.#flow.submission(index));
    return { root: info.root as Hex, byteLength: Number(info.byteLength) };
  }
}

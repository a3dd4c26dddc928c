import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import type { Hex } from "../core/bytes.ts";
import { endpointUrl } from "../core/endpoint.ts";
import { GlassboxError } from "../core/errors.ts";
import { requestJson } from "./json-client.ts";
import type { PartPeer } from "./part-client.ts";
import { statusSchema } from "./part-protocol.ts";
import { Remembered } from "./remembered.ts";

const TIMEOUT_MS = 2_000;
/** How long what a worker says of itself is believed. */
const STATUS_MS = 10_000;

/** The workers of a job's operators, and how many parts each computes at once. */
export class JobPeers {
  readonly #contracts: Contracts;
  readonly #jobId: bigint;
  readonly #signal: AbortSignal;
  readonly #statuses = new Map<string, { readonly asked: Remembered<number>; slots: number }>();

  constructor(contracts: Contracts, jobId: bigint, signal: AbortSignal) {
    this.#contracts = contracts;
    this.#jobId = jobId;
    this.#signal = signal;
  }

  /** The workers of the operators that joined and say where they are. @throws GlassboxError a chain error. */
  async joined(): Promise<PartPeer[]> {
    const { JobRegistry, OperatorRegistry } = this.#contracts;
    const operators = await readChain(JobRegistry.joined(this.#jobId));
    const peers = await Promise.all(
      operators.map(async (operator): Promise<PartPeer[]> => {
        const url = endpointUrl(await readChain(OperatorRegistry.endpointOf(operator)));
        const signer = await readChain(OperatorRegistry.signerOf(operator));
        if (url === undefined) return [];
        return [{ operator: operator as Hex, signer: signer as Hex, url, slots: this.#slots(url) }];
      }),
    );
    return peers.flat();
  }

  /** What the worker said last. Nobody waits for its answer, so that a silent worker holds up no round. */
  #slots(url: string): number {
    const known = this.#statuses.get(url) ?? { asked: new Remembered(STATUS_MS, () => this.#ask(url)), slots: 1 };
    this.#statuses.set(url, known);
    void known.asked.get().then((slots) => {
      known.slots = slots;
    });
    return known.slots;
  }

  /** A worker that does not say computes one part at a time. */
  async #ask(url: string): Promise<number> {
    try {
      const href = new URL("/v1/status", url).href;
      const status = await requestJson({
        url: href,
        schema: statusSchema,
        timeoutMs: TIMEOUT_MS,
        signal: this.#signal,
      });
      return status.parts;
    } catch (error) {
      if (error instanceof GlassboxError && error.kind !== "bug") return 1;
      throw error;
    }
  }
}

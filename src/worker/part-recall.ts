import type { Hex } from "../core/bytes.ts";
import { GlassboxError } from "../core/errors.ts";
import { requestSignedParts, type PartPeer, type Patience } from "./part-client.ts";
import type { LoadedJob } from "./training-job.ts";

/** A part, and a worker that has signed it. */
export interface SignedPlace {
  readonly index: bigint;
  readonly peer: PartPeer;
}

/**
 * Finds parts that a former coordinator had computed: whoever takes over a job asks the workers for what they have signed, so that nothing is
 * computed twice and nobody loses a credit. Rounds follow each other, so the first round of which nobody has anything ends the search.
 */
export class PartRecall {
  #isOver = false;
  /** Who did not answer is not asked again: it would hold up every round. */
  readonly #silent = new Set<Hex>();

  /** Which of the open parts of a round a worker has signed. Whether it still gives them, and whether they are sound, shows when it is asked. */
  async find(
    job: LoadedJob,
    peers: readonly PartPeer[],
    round: { readonly first: bigint; readonly inputsRoot: Hex },
    open: readonly bigint[],
    patience: Patience,
  ): Promise<SignedPlace[]> {
    if (this.#isOver) return [];
    const asked = peers.filter(({ operator }) => !this.#silent.has(operator));
    const answers = await Promise.all(
      asked.map(async (peer) => ({ peer, signed: await askPeer(job, peer, round, patience) })),
    );
    const holders = new Map<bigint, PartPeer>();
    for (const { peer, signed } of answers) {
      if (signed === undefined) this.#silent.add(peer.operator);
      for (const index of signed ?? []) {
        if (open.includes(index) && !holders.has(index)) holders.set(index, peer);
      }
    }
    this.#isOver = holders.size === 0 && answers.some(({ signed }) => signed !== undefined);
    return [...holders].map(([index, peer]) => ({ index, peer }));
  }
}

/** What a peer has signed; undefined if it does not say. */
async function askPeer(
  job: LoadedJob,
  peer: PartPeer,
  round: { readonly first: bigint; readonly inputsRoot: Hex },
  patience: Patience,
): Promise<bigint[] | undefined> {
  try {
    return await requestSignedParts(job, peer, round, patience);
  } catch (error) {
    patience.signal.throwIfAborted();
    if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
    return undefined;
  }
}

import { randomInt } from "node:crypto";

import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import { CLAIM_FILES, ClaimedFile, LeafNeeded, type ClaimFile } from "../../compute/dispute/claimed-file.ts";
import { GlassboxError } from "../../core/errors.ts";
import { fileRoot, type LeafOpening } from "../../crypto/file-tree.ts";
import type { FileSource } from "../../storage/ports.ts";
import type { ClaimFacts, LeafSample } from "../job-auditor.ts";

/** Of a dataset's files, the first belong to a claim: samples, labels, records and accounts. */
const CLAIMED_DATASET_FILES = 4;
/** What nobody can compute: the dataset, and the signatures at the end of the rounds file. */
const GIVEN_FILES = ["rounds", "samples", "labels", "records", "datasetAccounts"] as const satisfies ClaimFile[];

/** Leaves that a proof takes besides the one that is found. */
const PROOF_LEAVES = 4;
/** Signatures that are asked for if there are too many for one game. */
const SAMPLE_LEAVES = 12;

/** What files of a claim are read with. */
export interface ClaimFilesParts {
  readonly contracts: Contracts;
  readonly storage: FileSource;
  readonly claim: ClaimFacts;
  /** What the claim's author has shown in a game. */
  readonly shown: () => Promise<ReadonlyMap<ClaimFile, ReadonlyMap<number, LeafOpening>>>;
  /** Whether storage had its time, so that the author is asked instead. */
  readonly isOverdue: () => Promise<boolean>;
  /** Whether a bond is to be risked on so many demands: they may show nothing but that the claim is right. */
  readonly isWorthABond: (demands: number) => Promise<boolean>;
}

/** The files of a claim and its dataset: from storage, or as far as the claim's author shows them. */
export class ClaimFiles implements FileSource {
  readonly #parts: ClaimFilesParts;

  constructor(parts: ClaimFilesParts) {
    this.#parts = parts;
  }

  /**
   * @param begin what the file begins with if nothing is wrong there: that is not asked for.
   * @throws LeafNeeded if storage has had its time, and the author has not shown all of the file but can do so in one game.
   */
  async download(submission: number, signal: AbortSignal, begin?: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#parts.storage.download(submission, signal);
    } catch (error) {
      const name = CLAIM_FILES[(await this.#submissions()).indexOf(BigInt(submission))];
      if (name === undefined || !(await this.#isMissing(error))) throw error;
      if (!(await this.#parts.isWorthABond(await this.#demandsNeeded(signal)))) throw error;
      const file = await this.#shownFile(name, undefined);
      return file.assemble(anyOf, begin);
    }
  }

  /** Leaves of a file that storage does not give, chosen by chance: of those that are wrong by themselves, one is likely among them. */
  async sample(submission: number, _signal: AbortSignal, first: number): Promise<LeafSample> {
    const name = CLAIM_FILES[(await this.#submissions()).indexOf(BigInt(submission))];
    if (name === undefined || !(await this.#parts.isOverdue())) return { shown: new Map(), next: undefined };
    const file = await this.#shownFile(name, undefined);
    const shown = file.shownLeaves(first);
    const unknown = file.unknownLeaves(first);
    const demands = Math.min(SAMPLE_LEAVES - shown.size, unknown.length);
    if (demands <= 0 || !(await this.#parts.isWorthABond(demands + PROOF_LEAVES))) return { shown, next: undefined };
    return { shown, next: new LeafNeeded(name, anyOf(unknown)) };
  }

  /**
   * A file that the claim commits to.
   * @param own what it has to be, if that is known.
   */
  async claimed(name: ClaimFile, own: Uint8Array | undefined, signal: AbortSignal): Promise<ClaimedFile> {
    const submission = Number((await this.#submissions())[CLAIM_FILES.indexOf(name)]);
    const { Flow } = this.#parts.contracts;
    if (own !== undefined && fileRoot(own) === (await readChain(Flow.rootOf(submission)))) {
      return new ClaimedFile(name, own.length, own, own);
    }
    try {
      const bytes = await this.#parts.storage.download(submission, signal);
      return new ClaimedFile(name, bytes.length, bytes, own);
    } catch (error) {
      if (!(await this.#isMissing(error))) throw error;
      return this.#shownFile(name, own);
    }
  }

  /** Demands until all is known that storage does not give and nobody can compute, and a difference in it is found. */
  async #demandsNeeded(signal: AbortSignal): Promise<number> {
    const { contracts, claim, storage } = this.#parts;
    const { params } = await readChain(contracts.JobRegistry.job(claim.jobId));
    const submissions = await this.#submissions();
    let unknown = 0;
    for (const name of GIVEN_FILES) {
      try {
        await storage.download(Number(submissions[CLAIM_FILES.indexOf(name)]), signal);
      } catch (error) {
        if (!isOfStorage(error)) throw error;
        const file = await this.#shownFile(name, undefined);
        const computed = name === "rounds" ? file.unpaddedLeaves - Number(params.rounds * params.parts) : 0;
        unknown += file.unknownLeaves(computed).length;
      }
    }
    if (unknown === 0) return 0;
    const { leaves } = await this.#shownFile("rounds", undefined);
    return unknown + Math.ceil(Math.log2(leaves)) + PROOF_LEAVES;
  }

  async #shownFile(name: ClaimFile, own: Uint8Array | undefined): Promise<ClaimedFile> {
    const submission = (await this.#submissions())[CLAIM_FILES.indexOf(name)] ?? 0n;
    const { byteLength } = await readChain(this.#parts.contracts.Flow.submission(submission));
    return new ClaimedFile(name, Number(byteLength), undefined, own, (await this.#parts.shown()).get(name));
  }

  async #isMissing(error: unknown): Promise<boolean> {
    return isOfStorage(error) && (await this.#parts.isOverdue());
  }

  /** In the order of `CLAIM_FILES`. */
  async #submissions(): Promise<bigint[]> {
    const { contracts, claim } = this.#parts;
    const { params } = await readChain(contracts.JobRegistry.job(claim.jobId));
    const dataset = await readChain(contracts.DatasetRegistry.dataset(params.datasetId));
    return [...claim.submissions, ...dataset.submissions.slice(0, CLAIMED_DATASET_FILES)];
  }
}

function isOfStorage(error: unknown): boolean {
  return error instanceof GlassboxError && error.code.startsWith("STORAGE_");
}

/** One that an author can't foresee. */
function anyOf(indices: readonly number[]): number {
  return indices[randomInt(Math.max(1, indices.length))] ?? 0;
}

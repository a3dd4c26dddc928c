import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { partClaim, partInputsRoot } from "../compute/claims.ts";
import { partPlace } from "../compute/training.ts";
import { decodeWeights } from "../compute/weights.ts";
import type { Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { PromiseCache } from "../core/promise-cache.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { ASSIGNMENT_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import type { FileSource } from "../storage/ports.ts";
import type { PartRequest, SignedPartsQuery } from "./part-protocol.ts";
import type { PartResults } from "./part-results.ts";
import type { PartOutcome, PartQueue } from "./parts/part-queue.ts";
import { sharedBytes } from "./parts/shared-bytes.ts";
import type { SignedJournal } from "./signed-journal.ts";
import type { SignedStarts } from "./signed-starts.ts";
import { jobDomain, loadJob, type LoadedJob } from "./training-job.ts";
import { partsSigned } from "./worker-metrics.ts";

/** How many jobs a worker keeps in memory. */
const MAX_JOBS = 4;
/** How many answers are kept in memory for whoever asks again. */
const MAX_ANSWERS = 8;

/** A part's end weights, and the operator's signature of the part's claim. */
export interface PartResult {
  readonly signature: Hex;
  readonly weights: Uint8Array;
}

/** What a part worker works with. */
export interface PartWorkerOptions {
  readonly contracts: Contracts;
  /** The files of a job: what is needed to answer for its parts, too. */
  readonly filesOf: (jobId: bigint) => FileSource;
  readonly operator: Hex;
  /** Where parts are computed. */
  readonly queue: PartQueue;
  readonly journal: SignedJournal;
  readonly results: PartResults;
  /** What signed parts start from: it is needed to answer for them. */
  readonly starts: SignedStarts;
}

/** Has parts of rounds computed for the jobs that its operator has joined, and signs them. */
export class PartWorker {
  readonly #options: PartWorkerOptions;
  readonly #jobs = new PromiseCache<bigint, LoadedJob>(MAX_JOBS);
  /** An assignment can be sent again, by its coordinator or by whoever saw it: the same part is computed once. */
  readonly #answers = new PromiseCache<string, PartResult>(MAX_ANSWERS);

  constructor(options: PartWorkerOptions) {
    this.#options = options;
  }

  /**
   * Computes one part and signs its claim. A part that was signed before is given again from what was kept.
   * @throws GlassboxError `WORKER_BUSY`, `WORKER_NOT_MINE`, `WORKER_NOT_JOINED`, `WORKER_ASSIGNMENT_UNSIGNED`,
   * `WORKER_PART_RANGE`, `WORKER_INPUTS_MISMATCH`, `WORKER_PART_CONFLICT` or what the queue throws; none of them leaves anything signed.
   */
  async compute(request: PartRequest, signal: AbortSignal): Promise<PartResult> {
    const { operator } = this.#options;
    // Whoever has no assignment is refused here, and takes no place in the queue.
    ensureInput(
      sameAddress(request.operator, operator),
      "WORKER_NOT_MINE",
      `the assignment is for ${request.operator}, this is ${operator}`,
    );
    await this.#ensureAssigned(request);
    const job = await this.#job(request.job, signal);
    const known = request.index < BigInt(job.rounds * job.program.parts);
    ensureInput(known, "WORKER_PART_RANGE", `job ${request.job} has no part ${request.index}`);
    const startRoot = fileRoot(request.weights);
    ensureCheck(
      partInputsRoot(startRoot, job.datasetRoot) === request.inputsRoot,
      "WORKER_INPUTS_MISMATCH",
      "the weights are not those of the assignment",
    );
    return this.#answers.get(`${request.job}/${request.index}/${startRoot}`, () =>
      this.#compute(job, request, startRoot, signal),
    );
  }

  /** Which parts of a range, computed from these inputs, were signed here: whoever leads the job may have them again. */
  async signedParts({ job, first, count, inputsRoot }: SignedPartsQuery): Promise<bigint[]> {
    const { contracts, journal } = this.#options;
    const { params } = await readChain(contracts.JobRegistry.job(job));
    const part = { domain: await jobDomain(contracts), jobId: job, program: params.programRoot as Hex, inputsRoot };
    const range = Array.from({ length: count }, (_, i) => first + BigInt(i));
    return range.filter((index) => journal.signedResult({ ...part, index }) !== undefined);
  }

  async #compute(job: LoadedJob, request: PartRequest, startRoot: Hex, signal: AbortSignal): Promise<PartResult> {
    const { journal, results, starts } = this.#options;
    const kept = this.#kept(job, request);
    const { weights, root } = kept ?? (await this.#computed(job, request, startRoot, signal));
    const claim = partClaim(job, { index: request.index, startRoot, endRoot: root });
    await starts.keep(job.domain, request.job, startRoot, request.weights);
    const signature = await journal.signPart(job.domain, claim);
    partsSigned.inc({ source: kept ? "kept" : "computed" });
    await results.keep(root, weights);
    return { signature, weights };
  }

  #kept({ domain, programRoot: program }: LoadedJob, { job, index, inputsRoot }: PartRequest): PartOutcome | undefined {
    const { journal, results } = this.#options;
    const root = journal.signedResult({ domain, jobId: job, program, index, inputsRoot });
    const weights = root && results.find(root);
    return weights && { weights, root };
  }

  /** The bits are the queue's; that they are a weights file of the program is checked before anything is signed. */
  async #computed(
    job: LoadedJob,
    { index, weights: start }: PartRequest,
    startRoot: Hex,
    signal: AbortSignal,
  ): Promise<PartOutcome> {
    const place = partPlace(job.program, index);
    const outcome = await this.#options.queue.submit({ job, ...place, start, startRoot }, signal);
    decodeWeights(job.program, outcome.weights);
    return outcome;
  }

  /** Only the holder of the job's lease hands out parts, and only to operators that joined. */
  async #ensureAssigned(request: PartRequest): Promise<void> {
    const { contracts, operator: self } = this.#options;
    const { JobRegistry, OperatorRegistry } = contracts;
    const [{ lease }, isCovering, domain] = await readChain(
      Promise.all([JobRegistry.job(request.job), JobRegistry.isCovering(request.job, self), jobDomain(contracts)]),
    );
    ensureInput(isCovering, "WORKER_NOT_JOINED", `${self} has not joined job ${request.job}`);
    const expected = await readChain(OperatorRegistry.signerOf(lease.holder));
    const { job, index, operator, inputsRoot } = request;
    const digest = typedDataDigest(domain, ASSIGNMENT_TYPE, { job, index, operator, inputsRoot });
    const signer = recoverSigner(digest, Buffer.from(request.signature.slice(2), "hex"));
    ensureCheck(
      signer !== undefined && sameAddress(signer, expected),
      "WORKER_ASSIGNMENT_UNSIGNED",
      `the assignment is not signed by the lease holder's signer ${expected}`,
    );
  }

  #job(jobId: bigint, signal: AbortSignal): Promise<LoadedJob> {
    const { contracts, filesOf } = this.#options;
    return this.#jobs.get(jobId, async () => withSharedData(await loadJob(contracts, filesOf(jobId), jobId, signal)));
  }
}

/** The job with its data where all threads read it, in one copy. */
function withSharedData(job: LoadedJob): LoadedJob {
  const { samples, labels, count } = job.data;
  return { ...job, data: { samples: sharedBytes(samples), labels: sharedBytes(labels), count } };
}

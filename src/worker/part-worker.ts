import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { partClaim, partInputsRoot } from "../compute/claims.ts";
import { runPart } from "../compute/training.ts";
import { toHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { UnlockedKey } from "../crypto/keystore.ts";
import { ASSIGNMENT_TYPE, CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner, signDigest } from "../crypto/signature.ts";
import type { PartRequest } from "./part-protocol.ts";
import type { FileSource } from "../storage/ports.ts";
import { loadJob, type LoadedJob } from "./training-job.ts";

/** How many jobs a worker keeps in memory. */
const MAX_JOBS = 4;
/** How many parts may wait for their turn. */
const MAX_WAITING = 8;
/** How many results are kept for whoever asks again. */
const MAX_RESULTS = 8;

/** A part's end weights, and the operator's signature of the part's claim. */
export interface PartResult {
  readonly signature: Hex;
  readonly weights: Uint8Array;
}

/** Computes parts of rounds for the jobs that its operator has joined, one part at a time. */
export class PartWorker {
  readonly #contracts: Contracts;
  readonly #files: FileSource;
  readonly #operator: Hex;
  readonly #signer: UnlockedKey;
  readonly #jobs = new Map<bigint, Promise<LoadedJob>>();
  readonly #results = new Map<string, Promise<PartResult>>();
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(contracts: Contracts, files: FileSource, operator: Hex, signer: UnlockedKey) {
    this.#contracts = contracts;
    this.#files = files;
    this.#operator = operator;
    this.#signer = signer;
  }

  /**
   * Computes one part and signs its claim.
   * @throws GlassboxError `WORKER_BUSY`, `WORKER_NOT_MINE`, `WORKER_NOT_JOINED`, `WORKER_ASSIGNMENT_UNSIGNED`,
   * `WORKER_PART_RANGE` or `WORKER_INPUTS_MISMATCH`; none of them leaves anything signed.
   */
  async compute(request: PartRequest, signal: AbortSignal): Promise<PartResult> {
    // Whoever has no assignment is refused here, and takes no place in the queue.
    ensureInput(
      sameAddress(request.operator, this.#operator),
      "WORKER_NOT_MINE",
      `the assignment is for ${request.operator}, this is ${this.#operator}`,
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
    return this.#once(`${request.job}/${request.index}/${startRoot}`, () =>
      this.#inTurn(() => this.#compute(job, request, startRoot, signal)),
    );
  }

  /** An assignment can be sent again, by its coordinator or by whoever saw it: the same part is computed once. */
  #once(name: string, compute: () => Promise<PartResult>): Promise<PartResult> {
    const known = this.#results.get(name);
    if (known) return known;
    const result = compute();
    this.#results.set(name, result);
    result.catch(() => this.#results.delete(name));
    const [oldest] = this.#results.keys();
    if (this.#results.size > MAX_RESULTS && oldest !== undefined) this.#results.delete(oldest);
    return result;
  }

  async #inTurn<T>(work: () => T): Promise<T> {
    ensureInput(this.#waiting < MAX_WAITING, "WORKER_BUSY", "too many parts are waiting; ask again later");
    this.#waiting++;
    try {
      const turn = this.#tail.then(work);
      this.#tail = turn.catch(() => undefined);
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  #compute(job: LoadedJob, request: PartRequest, startRoot: Hex, signal: AbortSignal): PartResult {
    signal.throwIfAborted();
    const index = Number(request.index);
    const { parts } = job.program;
    const weights = runPart(job, request.weights, Math.floor(index / parts), index % parts);
    const claim = partClaim({
      jobId: request.job,
      program: job.programRoot,
      datasetRoot: job.datasetRoot,
      index: request.index,
      startRoot,
      endRoot: fileRoot(weights),
    });
    const digest = typedDataDigest(job.domain, CLAIM_TYPE, claim);
    return { signature: toHex(signDigest(digest, this.#signer.secretKey)), weights };
  }

  /** Only the holder of the job's lease hands out parts, and only to operators that joined. */
  async #ensureAssigned(request: PartRequest): Promise<void> {
    const { JobRegistry, OperatorRegistry } = this.#contracts;
    const [{ lease }, isCovering, verifyingContract, network] = await readChain(
      Promise.all([
        JobRegistry.job(request.job),
        JobRegistry.isCovering(request.job, this.#operator),
        JobRegistry.getAddress(),
        JobRegistry.runner?.provider?.getNetwork(),
      ]),
    );
    ensureInput(isCovering, "WORKER_NOT_JOINED", `${this.#operator} has not joined job ${request.job}`);
    const expected = await readChain(OperatorRegistry.signerOf(lease.holder));
    const domain = { chainId: network?.chainId ?? 0n, verifyingContract: verifyingContract as Hex };
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
    const known = this.#jobs.get(jobId);
    if (known) return known;
    const loading = loadJob(this.#contracts, this.#files, jobId, signal);
    this.#jobs.set(jobId, loading);
    loading.catch(() => this.#jobs.delete(jobId));
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
    return loading;
  }
}

import { readChain } from "../../chain/read.ts";
import { CLAIM_FILES, type ClaimFile } from "../../compute/dispute/claimed-file.ts";
import type { Execution } from "../../compute/dispute/execution.ts";
import { decodeRoundsFile, type RoundsFile } from "../../compute/rounds-file.ts";
import { runPart } from "../../compute/training.ts";
import { weightsBytes } from "../../compute/weights.ts";
import { ensureCheck } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import type { KeyValueStore } from "../../db/key-value-store.ts";
import type { FileSource } from "../../storage/ports.ts";
import { RoundJournal } from "../round-journal.ts";
import { loadJob, type LoadedJob } from "../training-job.ts";
import type { ChainExecution } from "./chain-execution.ts";
import type { AuthorFiles } from "./defender.ts";
import type { GameView } from "./game-reader.ts";
import { executionOf, nameOf } from "./job-executions.ts";
import { challengePart } from "./part-challenge.ts";
import type { PlayerParts } from "./play.ts";

/** What the author of claims answers with. */
export interface ClaimAuthorParts {
  readonly jobId: bigint;
  readonly storage: FileSource;
  /** The journal of the job's rounds. */
  readonly store: KeyValueStore;
  /** Plays against whoever signed what was wrong. */
  readonly player: PlayerParts;
}

/** What the author of a job's claims has: its journal, and what it put into storage. */
export class ClaimAuthor implements AuthorFiles {
  readonly #parts: ClaimAuthorParts;
  #loading: Promise<LoadedJob> | undefined;

  constructor(parts: ClaimAuthorParts) {
    this.#parts = parts;
  }

  answers({ jobId, subject }: GameView): boolean {
    return jobId === this.#parts.jobId && subject === "claim";
  }

  async execution(game: GameView, chain: ChainExecution, signal: AbortSignal): Promise<Execution> {
    const job = await this.#job(signal);
    const name = nameOf(job, chain);
    const { starts } = await this.#rounds(job, game, signal);
    const startOf = (round: number): Uint8Array => {
      const start = starts[round];
      ensureCheck(start !== undefined, "WORKER_ROUND_MISSING", `the claim has no round ${round}`);
      return start;
    };
    return executionOf(job, name, {
      start: startOf,
      ends: (round) =>
        Array.from({ length: job.program.parts }, (_, part) => this.#end(job, startOf(round), round, part)),
      credits: name.section === "allocate" ? await this.file(game, "credits", signal) : undefined,
      accounts: Number(chain.accounts),
    });
  }

  async file(_game: GameView, name: ClaimFile, signal: AbortSignal): Promise<Uint8Array> {
    const { player, storage, jobId } = this.#parts;
    const { JobRegistry, DatasetRegistry } = player.contracts;
    const { claim, params } = await readChain(JobRegistry.job(jobId));
    const dataset = await readChain(DatasetRegistry.dataset(params.datasetId));
    const submission = [...claim.submissions, ...dataset.submissions][CLAIM_FILES.indexOf(name)];
    return storage.download(Number(submission), signal);
  }

  /** A claim that fell because of a part: its signer answers for the part. */
  async follow(game: GameView, chain: ChainExecution, signal: AbortSignal): Promise<void> {
    const job = await this.#job(signal);
    const { section, round, part } = nameOf(job, chain);
    if (section !== "step") return;
    const { starts, signedParts } = await this.#rounds(job, game, signal);
    const index = round * job.program.parts + part;
    const start = starts[round];
    const signed = signedParts[index];
    if (start === undefined || signed === undefined || sameAddress(signed.operator, game.author)) return;
    const wrong = { job, index, start, endRoot: chain.outputRoot, signature: signed.signature };
    await challengePart(this.#parts.player, wrong, signal);
  }

  /** What a part ended with: as its worker gave it, even if that was wrong. */
  #end(job: LoadedJob, start: Uint8Array, round: number, part: number): Uint8Array {
    const journal = new RoundJournal(this.#parts.store, BigInt(job.domain.chainId), job.jobId);
    const index = round * job.program.parts + part;
    return journal.read(BigInt(index))?.weights ?? runPart(job, start, round, part);
  }

  #job(signal: AbortSignal): Promise<LoadedJob> {
    const { player, storage, jobId } = this.#parts;
    this.#loading ??= loadJob(player.contracts, storage, jobId, signal);
    this.#loading.catch(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #rounds(job: LoadedJob, game: GameView, signal: AbortSignal): Promise<RoundsFile> {
    const { rounds, program } = job;
    return decodeRoundsFile(await this.file(game, "rounds", signal), rounds, program.parts, weightsBytes(program));
  }
}

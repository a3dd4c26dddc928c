import type { Contracts } from "../../chain/contracts.ts";
import type { Execution } from "../../compute/dispute/execution.ts";
import { ensureCheck, ensureInput } from "../../core/errors.ts";
import type { FileSource } from "../../storage/ports.ts";
import type { SignedStarts } from "../signed-starts.ts";
import { loadJob } from "../training-job.ts";
import type { ChainExecution } from "./chain-execution.ts";
import type { AuthorFiles } from "./defender.ts";
import type { GameView } from "./game-reader.ts";
import { executionOf, nameOf } from "./job-executions.ts";

/** What an operator has that signed parts: what they started from, and the files of the job. */
export class PartAuthor implements AuthorFiles {
  readonly #contracts: Contracts;
  readonly #filesOf: (jobId: bigint) => FileSource;
  readonly #starts: SignedStarts;

  constructor(contracts: Contracts, filesOf: (jobId: bigint) => FileSource, starts: SignedStarts) {
    this.#contracts = contracts;
    this.#filesOf = filesOf;
    this.#starts = starts;
  }

  answers({ subject }: GameView): boolean {
    return subject === "part";
  }

  async execution({ jobId }: GameView, chain: ChainExecution, signal: AbortSignal): Promise<Execution> {
    const job = await loadJob(this.#contracts, this.#filesOf(jobId), jobId, signal);
    const start = this.#starts.read(job.domain, jobId, chain.inputRoot);
    ensureCheck(start !== undefined, "WORKER_START_MISSING", `the weights ${chain.inputRoot} were not kept`);
    const training = { start: () => start, ends: () => [], credits: undefined, accounts: 0 };
    return executionOf(job, nameOf(job, chain), training);
  }

  file(): Promise<Uint8Array> {
    ensureInput(false, "WORKER_FILE_UNKNOWN", "a part has no files to demand leaves of");
  }
}

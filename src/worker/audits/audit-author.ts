import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import type { Execution } from "../../compute/dispute/execution.ts";
import { ensureInput } from "../../core/errors.ts";
import type { FileSource } from "../../storage/ports.ts";
import type { ChainExecution } from "../dispute/chain-execution.ts";
import type { AuthorFiles } from "../dispute/defender.ts";
import type { GameView } from "../dispute/game-reader.ts";
import { readAuditedPart } from "./audited-part.ts";

/** What a watcher has that audits: everything follows from the chain and the files of the job. */
export class AuditAuthor implements AuthorFiles {
  readonly #contracts: Contracts;
  readonly #files: (jobId: bigint) => FileSource;

  constructor(contracts: Contracts, files: (jobId: bigint) => FileSource) {
    this.#contracts = contracts;
    this.#files = files;
  }

  answers({ subject }: GameView): boolean {
    return subject === "audit";
  }

  async execution({ jobId, part: auditId }: GameView, _chain: ChainExecution, signal: AbortSignal): Promise<Execution> {
    const { AuditDesk } = this.#contracts;
    const { claimNumber, watcher } = await readChain(AuditDesk.audit(auditId));
    const index = Number(await readChain(AuditDesk.drawnPart(jobId, claimNumber, watcher)));
    return (await readAuditedPart(this.#contracts, this.#files(jobId), { jobId, index }, signal)).execution;
  }

  file(): Promise<Uint8Array> {
    ensureInput(false, "WORKER_FILE_UNKNOWN", "an audit has no files to demand leaves of");
  }
}

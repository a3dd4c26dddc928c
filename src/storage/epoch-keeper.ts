import { GlassboxError } from "../core/errors.ts";
import type { FileStore } from "./file-store.ts";
import { tellRefusal, type KeeperEvent } from "./keeper-events.ts";
import type { ProofsChain } from "./keeper-ports.ts";
import type { SeedRecorder } from "./seed-recorder.ts";
import type { SubmissionStore } from "./submission-store.ts";

/** Holders that are looked at in one tick and epoch: anybody can be one, and whoever looks at all of them may be late for its own challenge. */
const MAX_LOOKED_AT = 32;

/** Answers the holder's challenge in every epoch, and reports those who did not answer theirs. */
export class EpochKeeper {
  readonly #proofs: ProofsChain;
  readonly #seeds: SeedRecorder;
  readonly #submissions: SubmissionStore;
  readonly #files: FileStore;
  readonly #onEvent: KeeperEvent;
  /** Last epoch in which nothing is left to answer. */
  #settledEpoch = -1;
  /** Epochs whose misses were looked for after they ended. */
  readonly #reported = new Set<number>();
  /** By epoch: the holder to look at next, and whether one before could not be reported. */
  readonly #progress = new Map<number, { readonly next: number; readonly failed: boolean }>();

  constructor(parts: {
    readonly proofs: ProofsChain;
    readonly seeds: SeedRecorder;
    readonly submissions: SubmissionStore;
    readonly files: FileStore;
    readonly onEvent: KeeperEvent;
  }) {
    this.#proofs = parts.proofs;
    this.#seeds = parts.seeds;
    this.#submissions = parts.submissions;
    this.#files = parts.files;
    this.#onEvent = parts.onEvent;
  }

  /** Does what can be done at block `head`. Safe to repeat, also after a restart: what was done is read from the chain. */
  async tick(head: number): Promise<void> {
    const epoch = await this.#proofs.currentEpoch();
    if (this.#settledEpoch !== epoch && (await this.#answer(epoch, head))) this.#settledEpoch = epoch;
    const oldest = Math.max(0, epoch - this.#proofs.reportEpochs);
    for (let past = oldest; past < epoch; past++) {
      if (!this.#reported.has(past) && (await this.#reportMisses(past))) this.#reported.add(past);
    }
    for (const past of this.#reported) if (past < oldest) this.#reported.delete(past);
    for (const past of this.#progress.keys()) if (past < oldest) this.#progress.delete(past);
  }

  /** @returns true if there is nothing left to do in this epoch */
  async #answer(epoch: number, head: number): Promise<boolean> {
    const { holder } = this.#proofs;
    try {
      const isAsked = (await this.#proofs.liveLeaves(holder, epoch)) > 0;
      if (!isAsked && !(await this.#isAnyoneAsked(epoch))) return true;
      if (!(await this.#seeds.ensure(this.#proofs.firstBlockOf(epoch), head))) return false;
      if (!isAsked || (await this.#proofs.hasAnswered(holder, epoch))) return true;
      const draws = await this.#proofs.challenge(epoch);
      const openings = draws.map((draw) => {
        const submission = this.#submissions.get(draw.submission);
        if (submission) return this.#files.openLeaf(submission, draw, draw.leafIndex);
        throw new GlassboxError(
          "check",
          "STORAGE_SUBMISSION_UNKNOWN",
          `submission ${draw.submission} is not known yet`,
        );
      });
      await this.#proofs.answer(epoch, openings);
      this.#onEvent("challenge answered", { epoch, leaves: draws.length });
      return true;
    } catch (error) {
      tellRefusal(this.#onEvent, "challenge not answered", error, { epoch });
      return error instanceof GlassboxError && error.code === "STORAGE_SEGMENT_MISSING";
    }
  }

  async #isAnyoneAsked(epoch: number): Promise<boolean> {
    for (const other of await this.#proofs.holders()) {
      if ((await this.#proofs.liveLeaves(other, epoch)) > 0) return true;
    }
    return false;
  }

  /** @returns true if no miss of the epoch is left to report */
  async #reportMisses(epoch: number): Promise<boolean> {
    const holders = await this.#proofs.holders();
    const { next, failed } = this.#progress.get(epoch) ?? { next: 0, failed: false };
    let complete = !failed;
    for (const other of holders.slice(next, next + MAX_LOOKED_AT)) {
      if (other === this.#proofs.holder) continue;
      try {
        await this.#reportMiss(other, epoch);
      } catch (error) {
        complete = false;
        tellRefusal(this.#onEvent, "miss not reported", error, { holder: other, epoch });
      }
    }
    const isLast = next + MAX_LOOKED_AT >= holders.length;
    if (isLast) this.#progress.delete(epoch);
    else this.#progress.set(epoch, { next: next + MAX_LOOKED_AT, failed: !complete });
    return isLast && complete;
  }

  async #reportMiss(holder: string, epoch: number): Promise<void> {
    const proofs = this.#proofs;
    if ((await proofs.liveLeaves(holder, epoch)) === 0 || (await proofs.hasAnswered(holder, epoch))) return;
    if (!(await this.#seeds.ensure(proofs.firstBlockOf(epoch), Number.POSITIVE_INFINITY))) return;
    if (!(await proofs.hasMissed(holder, epoch))) {
      await this.#unlessDone(
        () => proofs.reportMiss(holder, epoch),
        () => proofs.hasMissed(holder, epoch),
      );
      this.#onEvent("miss reported", { holder, epoch });
    }
    if (!(await proofs.isBeyondTolerance(holder, epoch))) return;
    await this.#unlessDone(
      () => proofs.slash(holder, epoch),
      () => proofs.isPunished(holder, epoch),
    );
    this.#onEvent("misses punished", { holder, epoch });
    await this.#unlessDone(
      () => proofs.evict(holder, epoch),
      async () => (await proofs.liveLeaves(holder, epoch)) === 0,
    );
  }

  /** Several workers do the same at once; who is late finds it done. */
  async #unlessDone(act: () => Promise<void>, isDone: () => Promise<boolean>): Promise<void> {
    if (await isDone()) return;
    try {
      await act();
    } catch (error) {
      if (!(await isDone())) throw error;
    }
  }
}

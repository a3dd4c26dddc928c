import { setTimeout as sleep } from "node:timers/promises";

import type { ContractTransaction, Provider } from "ethers";

import { followLogs } from "../../chain/logs.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { openSteps, openTensor } from "../../compute/dispute/author-moves.ts";
import { CLAIM_FILES, type ClaimFile } from "../../compute/dispute/claimed-file.ts";
import { Detail, type Meddling } from "../../compute/dispute/detail.ts";
import type { Execution } from "../../compute/dispute/execution.ts";
import { toHex } from "../../core/bytes.ts";
import { ensureInvariant, GlassboxError } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { FileTree } from "../../crypto/file-tree.ts";
import type { MerkleLevels } from "../../crypto/merkle.ts";
import type { ChainExecution } from "./chain-execution.ts";
import { DetailDesk } from "./detail-desk.ts";
import type { GameView } from "./game-reader.ts";
import { isFallen, sendMove, sendTimeout, withdrawOwed, type PlayerParts } from "./play.ts";
import { trailOf } from "./trail.ts";

/** What the author of claims, parts, answers or audits has, to answer for them. */
export interface AuthorFiles {
  /** Whether this author answers in a game. */
  answers(game: GameView): boolean;
  /** Everything that an execution starts from. */
  execution(game: GameView, execution: ChainExecution, signal: AbortSignal): Promise<Execution>;
  /** A file of a claim. */
  file(game: GameView, name: ClaimFile, signal: AbortSignal): Promise<Uint8Array>;
  /** Called when a game is lost because an execution does not end as the claim says: others may have to answer for it. */
  follow?(game: GameView, execution: ChainExecution, signal: AbortSignal): Promise<void>;
}

/** What a defender works with. */
export interface DefenderParts extends PlayerParts {
  readonly provider: Provider;
  readonly fromBlock: number;
  /** Whatever the author answers for; the first that answers in a game does. */
  readonly files: readonly AuthorFiles[];
  /** What the author did to the executions that it answers for: an honest one, nothing. */
  readonly meddling?: Meddling;
}

/** A game, and the execution that it is about. */
interface Subject {
  readonly view: GameView;
  readonly execution: ChainExecution;
  readonly files: AuthorFiles;
}

/** Answers in every game against an author, until it is told to stop. All it knows is on chain or computed again. */
export class Defender {
  readonly #parts: DefenderParts;
  readonly #live = new Map<bigint, Promise<void> | undefined>();
  readonly #details = new DetailDesk<Subject>((...given) => this.#makeDetail(...given));
  /** Games that can't be won. */
  readonly #conceded = new Set<bigint>();
  #isOwed = false;

  constructor(parts: DefenderParts) {
    this.#parts = parts;
  }

  /**
   * Plays until `until` aborts, and finishes what it has begun then.
   * @param signal aborts everything at once
   */
  async run(until: AbortSignal, signal: AbortSignal): Promise<void> {
    const stop = AbortSignal.any([until, signal]);
    const following = this.#follow(stop);
    const { pollMs } = this.#parts;
    while (!stop.aborted) {
      for (const gameId of this.#live.keys()) this.#look(gameId, signal);
      await this.#withdraw();
      await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined);
    }
    await following;
    await Promise.all([...this.#live.values()].filter((task) => task !== undefined));
    await this.#withdraw();
  }

  /** Whether a game can't be won: its execution does not end as its author has signed. */
  hasConceded(gameId: bigint): boolean {
    return this.#conceded.has(gameId);
  }

  /** Takes what lost challenges have paid, for many games at once. */
  async #withdraw(): Promise<void> {
    if (!this.#isOwed) return;
    this.#isOwed = false;
    try {
      await withdrawOwed(this.#parts);
    } catch (error) {
      if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
      this.#isOwed = true;
    }
  }

  /** Takes every game of the author that the chain tells of. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { contracts, provider, fromBlock, reader, sender, logger, pollMs } = this.#parts;
    const { DisputeGame } = contracts;
    const query = {
      address: await DisputeGame.getAddress(),
      topics: [DisputeGame.getEvent("GameOpened").fragment.topicHash],
    };
    const onError = (error: unknown): void => {
      logger.warn({ err: error }, "following games failed; trying again");
    };
    for await (const { logs } of followLogs(provider, query, fromBlock, { signal, pollMs, onError })) {
      for (const log of logs) {
        const game = reader.opened(log);
        if (game === undefined || !sameAddress(game.author, sender.address)) continue;
        if (!this.#live.has(game.gameId)) this.#live.set(game.gameId, undefined);
      }
    }
  }

  /** One look at a game at a time. */
  #look(gameId: bigint, signal: AbortSignal): void {
    if (this.#live.get(gameId) !== undefined) return;
    const { logger } = this.#parts;
    const task = this.#play(gameId, signal)
      .catch((error: unknown) => {
        if (signal.aborted) return true;
        logger.error({ game: gameId.toString(), err: error }, "a game is not answered; trying again");
        return true;
      })
      .then((isLive) => {
        if (isLive) this.#live.set(gameId, undefined);
        else this.#live.delete(gameId);
      });
    this.#live.set(gameId, task);
  }

  /** Makes the moves that are due. @returns whether the game goes on */
  async #play(gameId: bigint, signal: AbortSignal): Promise<boolean> {
    const { reader, sender } = this.#parts;
    const view = await reader.view(gameId);
    const files = this.#parts.files.find((author) => author.answers(view));
    if (files === undefined || (await this.#isOfOlderClaim(view))) return false;
    if (view.turn === undefined) {
      if (view.stage === "lost") this.#isOwed = true;
      if (view.stage === "won" || view.stage === "settled") await this.#followUp(view, files, signal);
      return false;
    }
    if (await isFallen(this.#parts.contracts, view)) return false;
    const isLate = (await chainTime(sender.provider)) > view.turnEnds;
    if (view.turn === "challenger") {
      if (isLate) await sendTimeout(this.#parts, gameId);
    } else if (!isLate && !this.#conceded.has(gameId)) {
      const move = await this.#move(view, files, signal);
      if (move) await sendMove(this.#parts, gameId, view.stage, move);
    }
    return true;
  }

  async #isOfOlderClaim({ subject, jobId, claimNumber }: GameView): Promise<boolean> {
    if (subject !== "claim") return false;
    const { claim } = await readChain(this.#parts.contracts.JobRegistry.job(jobId));
    return Number(claim.number) !== claimNumber;
  }

  /** After a lost game: whoever signed what was wrong has to answer for it. */
  async #followUp(view: GameView, files: AuthorFiles, signal: AbortSignal): Promise<void> {
    if (files.follow === undefined) return;
    const { execution } = await this.#parts.reader.log(view.gameId);
    if (execution === undefined) return;
    const { outputRoot } = await this.#details.outline(nameOf(view, execution), { view, files, execution }, signal);
    if (outputRoot !== execution.outputRoot) await files.follow(view, execution, signal);
  }

  async #move(view: GameView, files: AuthorFiles, signal: AbortSignal): Promise<ContractTransaction | undefined> {
    const { contracts, reader } = this.#parts;
    const { DisputeGame } = contracts;
    const { gameId, stage, height, step, operation, leafIndex } = view;
    if (stage === "demanded") {
      const name = CLAIM_FILES[operation];
      ensureInvariant(name !== undefined, "WORKER_GAME_FILE", `there is no file ${operation}`);
      const { leaf, siblings } = new FileTree(await files.file(view, name, signal)).openLeaf(leafIndex);
      return DisputeGame.showLeaf.populateTransaction(gameId, { leaf: toHex(leaf), siblings });
    }
    const { execution, words } = await reader.log(gameId);
    ensureInvariant(execution !== undefined, "WORKER_GAME_EXECUTION", `game ${gameId} names no execution`);
    const subject = { view, files, execution };
    const subjectName = nameOf(view, execution);
    const { hash: trail, detailRoot } = trailOf(contracts, execution, words);
    switch (stage) {
      case "detail":
        return this.#postDetail(subject, signal);
      case "openSteps": {
        const outline = await this.#details.outline(subjectName, subject, signal);
        return DisputeGame.openNodes.populateTransaction(gameId, trail, openSteps(outline, height, step));
      }
      case "openRecord": {
        const record = await this.#details.record(subjectName, subject, step, signal);
        return DisputeGame.openRecord.populateTransaction(gameId, execution, detailRoot, toHex(record));
      }
      default: {
        const file = await this.#details.tensor(subjectName, subject, { step, operation }, signal);
        const opened = openTensor(file, { leafIndex, height });
        return "leaves" in opened
          ? DisputeGame.openLeaves.populateTransaction(gameId, trail, opened.leaves)
          : DisputeGame.openNodes.populateTransaction(gameId, trail, opened.children);
      }
    }
  }

  /** The detail's root, and what is below it, at once. */
  async #postDetail(subject: Subject, signal: AbortSignal): Promise<ContractTransaction | undefined> {
    const { contracts, logger } = this.#parts;
    const { DisputeGame } = contracts;
    const { view, execution } = subject;
    const { gameId } = view;
    const subjectName = nameOf(view, execution);
    const outline = await this.#details.outline(subjectName, subject, signal);
    if (outline.outputRoot !== execution.outputRoot) {
      logger.error({ game: gameId.toString() }, "the execution does not end as was claimed; the game is lost");
      this.#conceded.add(gameId);
      return undefined;
    }
    const { root, last, height } = outline;
    const { hash: trail } = trailOf(contracts, execution, [{ event: "detail", root }]);
    const post = await DisputeGame.postDetail.populateTransaction(gameId, execution, root, last);
    const open =
      height > 0
        ? await DisputeGame.openNodes.populateTransaction(gameId, trail, openSteps(outline, height, 0))
        : await DisputeGame.openRecord.populateTransaction(
            gameId,
            execution,
            root,
            toHex(await this.#details.record(subjectName, subject, 0, signal)),
          );
    return DisputeGame.multicall.populateTransaction([post.data, open.data]);
  }

  async #makeDetail(
    { view, files, execution }: Subject,
    levels: MerkleLevels | undefined,
    signal: AbortSignal,
  ): Promise<Detail> {
    const { meddling } = this.#parts;
    const inputs = await files.execution(view, execution, signal);
    const options = { ...(meddling && { meddling }), signal };
    return levels === undefined ? Detail.compute(inputs, options) : Detail.resume(inputs, levels, options);
  }
}

/** What an execution of a job is known by. */
function nameOf({ jobId }: GameView, execution: ChainExecution): string {
  return JSON.stringify({ ...execution, job: jobId }, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

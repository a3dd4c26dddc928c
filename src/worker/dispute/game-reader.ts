import type { Log, Provider } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { parseEvent } from "../../chain/events.ts";
import { readLogs } from "../../chain/logs.ts";
import { readChain } from "../../chain/read.ts";
import { CLAIM_FILES, openingOf, type ClaimFile } from "../../compute/dispute/claimed-file.ts";
import type { GameWord } from "../../compute/dispute/transcript.ts";
import type { Hex } from "../../core/bytes.ts";
import { ensureInvariant } from "../../core/errors.ts";
import type { LeafOpening } from "../../crypto/file-tree.ts";
import { plainExecution, type ChainExecution } from "./chain-execution.ts";

/** What comes next in a game, in the order of the contract's `Stage`. */
export const STAGES = [
  "none",
  "free",
  "demanded",
  "detail",
  "openSteps",
  "pickStep",
  "openRecord",
  "pickOperation",
  "openTensor",
  "pickLeaves",
  "prove",
  "won",
  "lost",
  "void",
  "settled",
] as const;

/** What comes next in a game. */
export type Stage = (typeof STAGES)[number];

/** What games are about, in the order of the contract's `GameSubject`. */
export const SUBJECTS = ["claim", "part", "answer", "audit"] as const;

/** What a game is about. */
export type Subject = (typeof SUBJECTS)[number];

/** Whose move it is, or whether anybody can end it. */
const CHALLENGERS = new Set<Stage>(["free", "pickStep", "pickOperation", "pickLeaves", "prove"]);
const AUTHORS = new Set<Stage>(["demanded", "detail", "openSteps", "openRecord", "openTensor"]);

/** A game as its players see it. */
export interface GameView {
  readonly gameId: bigint;
  readonly subject: Subject;
  /** 0 for an answer. */
  readonly jobId: bigint;
  /** 0 for all but a job's claim. */
  readonly claimNumber: number;
  /** Of a part's game: `round * parts + part`; of an audit's: the audit. */
  readonly part: number;
  readonly challenger: string;
  readonly author: string;
  readonly stage: Stage;
  /** Whose turn it is; undefined if the game is over. */
  readonly turn: "challenger" | "author" | undefined;
  /** The last second of the turn. */
  readonly turnEnds: bigint;
  readonly height: number;
  readonly step: number;
  readonly operation: number;
  readonly leafIndex: number;
  readonly demands: number;
}

/** What was said in a game. */
export interface GameLog {
  readonly execution: ChainExecution | undefined;
  readonly words: readonly GameWord[];
  /** Leaves that the author showed. */
  readonly shown: ReadonlyMap<ClaimFile, ReadonlyMap<number, LeafOpening>>;
}

/** The opening of a game. */
export interface OpenedGame {
  readonly gameId: bigint;
  readonly jobId: bigint;
  readonly claimNumber: number;
  readonly challenger: string;
  readonly author: string;
}

/** Reads games from the chain. */
export class GameReader {
  readonly #contracts: Contracts;
  readonly #provider: Provider;
  readonly #fromBlock: number;

  constructor(contracts: Contracts, provider: Provider, fromBlock: number) {
    this.#contracts = contracts;
    this.#provider = provider;
    this.#fromBlock = fromBlock;
  }

  /** Where a game stands. */
  async view(gameId: bigint): Promise<GameView> {
    const game = await readChain(this.#contracts.DisputeGame.game(gameId));
    const stage = STAGES[Number(game.stage)] ?? "none";
    const turn = CHALLENGERS.has(stage) ? "challenger" : AUTHORS.has(stage) ? "author" : undefined;
    const seconds = turn === "author" ? game.authorSeconds : game.challengerSeconds;
    return {
      gameId,
      subject: SUBJECTS[Number(game.subject)] ?? "claim",
      jobId: game.jobId,
      claimNumber: Number(game.claimNumber),
      part: Number(game.part),
      challenger: game.challenger,
      author: game.author,
      stage,
      turn,
      turnEnds: game.turnStartedAt + seconds,
      height: Number(game.height),
      step: Number(game.step),
      operation: Number(game.operation),
      leafIndex: Number(game.leafIndex),
      demands: Number(game.demands),
    };
  }

  /** What was said in a game so far. */
  async log(gameId: bigint): Promise<GameLog> {
    const { DisputeGame } = this.#contracts;
    const logs = await this.#logs([null, gameTopic(gameId)]);
    const words: GameWord[] = [];
    const shown = new Map<ClaimFile, Map<number, LeafOpening>>();
    let execution: ChainExecution | undefined;
    for (const log of logs) {
      const accused = parseEvent(log, DisputeGame, "Accused");
      if (accused) execution = plainExecution(accused.execution);
      const leaf = parseEvent(log, DisputeGame, "LeafShown");
      if (leaf) {
        const file = CLAIM_FILES[Number(leaf.file)];
        ensureInvariant(file !== undefined, "WORKER_GAME_FILE", `there is no file ${leaf.file}`);
        const known = shown.get(file) ?? new Map<number, LeafOpening>();
        shown.set(file, known.set(Number(leaf.leafIndex), openingOf(leaf.opening)));
      }
      const word = this.#word(log);
      if (word) words.push(word);
    }
    return { execution, words, shown };
  }

  /** The games that somebody opened, of a job or, by number 0, against answers, newest first. */
  async gamesOf(challenger: string, jobId?: bigint): Promise<OpenedGame[]> {
    const { DisputeGame } = this.#contracts;
    const topics = DisputeGame.interface.encodeFilterTopics("GameOpened", [null, jobId ?? null, null, challenger]);
    const logs = await this.#logs(topics as (string | null)[]);
    return logs.flatMap((log) => this.opened(log) ?? []).reverse();
  }

  /** The opening that a log tells of. */
  opened(log: Log): OpenedGame | undefined {
    const opened = parseEvent(log, this.#contracts.DisputeGame, "GameOpened");
    return opened && { ...opened, claimNumber: Number(opened.claimNumber) };
  }

  #word(log: Log): GameWord | undefined {
    const { DisputeGame } = this.#contracts;
    const detail = parseEvent(log, DisputeGame, "DetailPosted");
    if (detail) return { event: "detail", root: detail.detailRoot as Hex };
    const opened = parseEvent(log, DisputeGame, "NodesOpened");
    if (opened) return { event: "opened", children: [...opened.children] as Hex[] };
    const picked = parseEvent(log, DisputeGame, "NodePicked");
    if (picked) return { event: "picked", index: Number(picked.index) };
    const record = parseEvent(log, DisputeGame, "RecordOpened");
    if (record) return { event: "record", roots: record.roots as Hex };
    const operation = parseEvent(log, DisputeGame, "OperationPicked");
    if (operation) return { event: "operation", operation: Number(operation.operation) };
    const leaves = parseEvent(log, DisputeGame, "LeavesOpened");
    return leaves && { event: "leaves", leaves: leaves.leaves as Hex };
  }

  async #logs(topics: (string | null)[]): Promise<Log[]> {
    const address = await this.#contracts.DisputeGame.getAddress();
    const head = await readChain(this.#provider.getBlockNumber());
    return readLogs(this.#provider, { address, topics }, this.#fromBlock, head);
  }
}

function gameTopic(gameId: bigint): Hex {
  return `0x${gameId.toString(16).padStart(64, "0")}`;
}

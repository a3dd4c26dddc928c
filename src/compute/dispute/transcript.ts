import { fromHex, LEAF_BYTES, type Hex } from "../../core/bytes.ts";
import { ensureCheck, ensureInvariant } from "../../core/errors.ts";
import { tensorBytes } from "../../core/tensor.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import type { MerkleLevels } from "../../crypto/merkle.ts";
import type { Detail } from "./detail.ts";
import { numbersOf, operationsOf, shapeOf, type Execution } from "./execution.ts";
import { fileLevels, KnownTree } from "./known-tree.ts";

/** What the game says of the way to an element, in the order in which it happened. */
export type GameWord =
  | { readonly event: "detail"; readonly root: Hex }
  | { readonly event: "opened"; readonly children: readonly Hex[] }
  | { readonly event: "picked"; readonly index: number }
  | { readonly event: "record"; readonly roots: Hex }
  | { readonly event: "operation"; readonly operation: number }
  | { readonly event: "leaves"; readonly leaves: Hex };

/** Children that an opening shows at most, as a power of two. */
const OPENED_LEVELS = 6;
/** Levels above the leaves where all leaves are shown. */
export const SHOWN_LEVELS = 3;

/**
 * Levels that the next opening goes down, on a way down of `height` levels: as few openings as can be, of about as many levels each,
 * since a level more doubles what is shown.
 */
export function openedLevels(height: number): number {
  const openings = Math.ceil(height / OPENED_LEVELS);
  return openings === 0 ? 0 : Math.ceil(height / openings);
}

/** A way down one tree. */
export interface Descent {
  readonly tree: KnownTree;
  /** Levels from the node that was reached down to the tree's leaves. */
  level: number;
  index: number;
  /** What the author showed below the node. */
  children: readonly Hex[] | undefined;
}

/** Where a tensor's tree begins. */
export function tensorHeight({ program, section, ...rest }: Execution, operation: number): number {
  const entry = program.tensors[operationsOf(program, section)[operation]?.output ?? -1];
  ensureInvariant(entry !== undefined, "COMPUTE_OPERATION_MISSING", `operation ${operation} does not exist`);
  const shape = shapeOf(entry, numbersOf({ program, section, ...rest }));
  return Math.log2(tensorBytes(shape) / LEAF_BYTES);
}

/** The way that a game has gone through an author's commitments, beside one's own. */
export class Transcript {
  readonly steps: Descent;
  /** The author's record, once it was opened. */
  record: Uint8Array | undefined;
  operation: number | undefined;
  tensor: Descent | undefined;
  /** The leaves under the node that the descent in the tensor reached. */
  leaves: Uint8Array | undefined;

  private constructor(steps: Descent) {
    this.steps = steps;
  }

  /** Reads a game's words from the accusation on. */
  static async read(words: readonly GameWord[], own: Detail, signal?: AbortSignal): Promise<Transcript> {
    const transcript = new Transcript(descentOf(own.levels));
    for (const word of words) await transcript.#take(word, own, signal);
    return transcript;
  }

  /** The step that was reached. */
  get step(): number {
    ensureCheck(
      this.steps.level === 0 && this.steps.index >= 0,
      "COMPUTE_STEP_RANGE",
      "the game has not reached a step",
    );
    return this.steps.index;
  }

  async #take(word: GameWord, own: Detail, signal: AbortSignal | undefined): Promise<void> {
    const descent = this.tensor ?? this.steps;
    switch (word.event) {
      case "detail":
        this.steps.tree.learnBelow(this.steps.level, 0, [word.root]);
        return;
      case "opened":
        descent.tree.learnBelow(descent.level, descent.index, word.children);
        descent.children = word.children;
        return;
      case "picked":
        descent.level -= Math.log2(descent.children?.length ?? 1);
        descent.index = descent.index * (descent.children?.length ?? 1) + word.index;
        descent.children = undefined;
        return;
      case "record":
        this.record = fromHex(word.roots, own.slots * HASH_BYTES);
        return;
      case "operation": {
        this.operation = word.operation;
        const { tensors } = await own.step(this.step, signal);
        this.tensor = descentOf(fileLevels(tensors[word.operation] as Uint8Array));
        return;
      }
      case "leaves":
        this.leaves = fromHex(word.leaves);
        return;
    }
  }
}

function descentOf(levels: MerkleLevels): Descent {
  const leaves = (levels[0]?.length ?? 0) / HASH_BYTES;
  return { tree: new KnownTree(leaves, levels), level: levels.length - 1, index: 0, children: undefined };
}

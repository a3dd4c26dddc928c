import { LEAF_BYTES, toHex, type Hex } from "../../src/core/bytes.ts";
import { openSteps, openTensor } from "../../src/compute/dispute/author-moves.ts";
import { pickNode, pickOperation, proveElement, type Proof } from "../../src/compute/dispute/challenger-moves.ts";
import type { Detail } from "../../src/compute/dispute/detail.ts";
import type { KnownExecution } from "../../src/compute/dispute/operands.ts";
import { tensorHeight, Transcript, type GameWord } from "../../src/compute/dispute/transcript.ts";

/** How a game between an author's detail and a challenger's went, without a chain. */
export interface PaperGame {
  /** The transactions that it would take after the challenge, the author's first one included. */
  readonly moves: number;
  readonly step: number;
  readonly operation: number;
  /** First leaf of those that were shown. */
  readonly leafIndex: number;
  readonly leaves: Hex;
  readonly record: Hex;
  readonly proof: Proof;
}

/** Plays a game to its last move; undefined if the challenger finds no difference. */
export async function playOnPaper(
  author: Detail,
  own: Detail,
  trace?: KnownExecution["trace"],
): Promise<PaperGame | undefined> {
  const words: GameWord[] = [{ event: "detail", root: author.root }];
  const read = (): Promise<Transcript> => Transcript.read(words, own);
  let moves = 1;
  let height = author.height;
  let step = 0;
  while (height > 0) {
    words.push({ event: "opened", children: openSteps(author, height, step) });
    const picked = pickNode((await read()).steps);
    if (!picked) return undefined;
    words.push({ event: "picked", index: picked.index });
    height -= picked.siblings.length;
    step += picked.index * 2 ** height;
    moves += 2;
  }
  const record = toHex((await author.step(step)).record);
  words.push({ event: "record", roots: record });
  const chosen = await pickOperation(await read(), own);
  if (!chosen) return undefined;
  const { operation } = chosen;
  words.push({ event: "operation", operation });
  moves += 1;
  height = tensorHeight(author.execution, operation);
  let leafIndex = 0;
  for (;;) {
    const shown = openTensor(await author.tensor(step, operation), { leafIndex, height });
    moves += 2;
    if ("leaves" in shown) {
      words.push({ event: "leaves", leaves: shown.leaves });
      const proof = await proveElement(await read(), own, trace);
      return proof && { moves, step, operation, leafIndex, leaves: shown.leaves, record, proof };
    }
    words.push({ event: "opened", children: shown.children });
    const picked = pickNode((await read()).tensor!);
    if (!picked) return undefined;
    words.push({ event: "picked", index: picked.index });
    height -= picked.siblings.length;
    leafIndex += picked.index * 2 ** height;
  }
}

/** Where in the tensor's file a proof's element lies, in bytes. */
export function byteOf({ leafIndex, proof }: PaperGame, elementBytes: number): number {
  return (leafIndex + proof.leaf) * LEAF_BYTES + proof.element * elementBytes;
}

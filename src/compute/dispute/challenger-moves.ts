import { LEAF_BYTES, toHex, type Hex } from "../../core/bytes.ts";
import { elementBytes } from "../../core/tensor.ts";
import { leafAt } from "../../crypto/file-tree.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import { merkleNode } from "../../crypto/merkle.ts";
import type { TensorEntry } from "../program.ts";
import type { OpenedLeaf } from "./author-moves.ts";
import type { Detail } from "./detail.ts";
import { operationsOf } from "./execution.ts";
import { fileLevels, KnownTree } from "./known-tree.ts";
import { openOperands, openRoot, type KnownExecution, type OperandOpening } from "./operands.ts";
import type { Descent, Transcript } from "./transcript.ts";

/** The child that is picked, with its way up to the node that was opened. */
export interface PickedNode {
  readonly index: number;
  readonly node: Hex;
  readonly siblings: Hex[];
}

/** The element that is shown to be wrong. */
export interface Proof {
  /** Which of the leaves that were shown, and which element of it. */
  readonly leaf: number;
  readonly element: number;
  readonly opening: OpenedLeaf;
  readonly operands: OperandOpening[];
}

/** The first child that is not one's own; undefined if all are. */
export function pickNode({ tree, level, index, children }: Descent): PickedNode | undefined {
  if (children === undefined) return undefined;
  const depth = Math.log2(children.length);
  const first = index * children.length;
  const picked = children.findIndex((_, child) => tree.differs(level - depth, first + child));
  const node = children[picked];
  if (node === undefined) return undefined;
  return { index: picked, node, siblings: tree.siblings(level - depth, first + picked).slice(0, depth) };
}

/** The first operation whose output is not one's own, with the leaf of the author's record that names it. */
export async function pickOperation(
  { record, step }: Transcript,
  own: Detail,
  signal?: AbortSignal,
): Promise<{ operation: number; opening: OpenedLeaf } | undefined> {
  if (record === undefined) return undefined;
  const { record: expected } = await own.step(step, signal);
  const { program, section } = own.execution;
  const operation = operationsOf(program, section).findIndex((_, slot) => !isSameRoot(record, expected, slot));
  if (operation === -1) return undefined;
  const { rootLeaf, rootSiblings } = openRoot(record, operation);
  return { operation, opening: { leaf: toHex(rootLeaf), siblings: rootSiblings } };
}

/** The first element that is not one's own, with everything that it is computed from. */
export async function proveElement(
  transcript: Transcript,
  own: Detail,
  trace?: KnownExecution["trace"],
  signal?: AbortSignal,
): Promise<Proof | undefined> {
  const { record, operation, tensor, leaves, step, steps } = transcript;
  if (record === undefined || operation === undefined || tensor === undefined || leaves === undefined) return undefined;
  const files = await own.step(step, signal);
  const start = tensor.index * leaves.length;
  const written = files.tensors[operation] as Uint8Array;
  const at = leaves.findIndex((byte, i) => byte !== written[start + i]);
  if (at === -1) return undefined;
  const { program, section } = own.execution;
  const entry = program.tensors[operationsOf(program, section)[operation]?.output ?? -1] as TensorEntry;
  const leaf = Math.floor(at / LEAF_BYTES);
  const element = Math.floor((at % LEAF_BYTES) / elementBytes(entry.type));
  const levels = fileLevels(leaves);
  tensor.tree.learnBelow(tensor.level, tensor.index, hashesOf(leaves));
  const bytes = written.slice();
  bytes.set(leaves, start);
  const known = { execution: own.execution, files, detail: steps.tree, record, tensor: { tree: tensor.tree, bytes } };
  return {
    leaf,
    element,
    opening: {
      leaf: toHex(leafAt(leaves, leaf)),
      siblings: new KnownTree(leaves.length / LEAF_BYTES, levels).siblings(0, leaf),
    },
    operands: openOperands(trace === undefined ? known : { ...known, trace }, {
      step,
      operation,
      leaf: start / LEAF_BYTES + leaf,
      element,
    }),
  };
}

function hashesOf(leaves: Uint8Array): Hex[] {
  const levels = fileLevels(leaves);
  return Array.from({ length: leaves.length / LEAF_BYTES }, (_, index) => toHex(merkleNode(levels, 0, index)));
}

function isSameRoot(a: Uint8Array, b: Uint8Array, slot: number): boolean {
  const [from, to] = [slot * HASH_BYTES, (slot + 1) * HASH_BYTES];
  return Buffer.compare(a.subarray(from, to), b.subarray(from, to)) === 0;
}

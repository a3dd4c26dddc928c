import type { Hex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";
import { leafCount, leafRuns, paddedLeafCount } from "../crypto/file-shape.ts";
import { rootFromNodes, type SubmissionNode } from "../crypto/file-tree.ts";

/** A file as the chain knows it. Root and byte length come from there, never from whoever sends the bytes. */
export interface Submission {
  /** Its index in the flow (0G: txSeq). */
  readonly index: number;
  readonly root: Hex;
  readonly byteLength: number;
  /** First leaf in the flow; decides which shard serves a segment. */
  readonly startLeaf: number;
  readonly nodes: readonly SubmissionNode[];
}

/** A Submit event, decoded. */
export interface SubmitEvent {
  readonly submissionIndex: bigint;
  readonly startPos: bigint;
  readonly byteLength: bigint;
  readonly nodes: readonly { readonly root: Hex; readonly height: bigint }[];
}

/**
 * The submission of an event.
 * @throws GlassboxError `STORAGE_SUBMISSION_SHAPE` if the nodes are not those of a file of that length: such a file can't be stored by anyone.
 */
export function submissionFromEvent(event: SubmitEvent): Submission {
  const byteLength = Number(event.byteLength);
  const nodes = event.nodes.map((node) => ({ root: node.root, height: Number(node.height) }));
  ensureInput(Number.isSafeInteger(byteLength), "STORAGE_SUBMISSION_SHAPE", `a file of ${event.byteLength} bytes`);
  const expected = leafRuns(paddedLeafCount(leafCount(byteLength))).map((run) => run.height);
  ensureInput(
    expected.length === nodes.length && nodes.every((node, i) => node.height === expected[i]),
    "STORAGE_SUBMISSION_SHAPE",
    `submission ${event.submissionIndex} has other nodes than a file of ${byteLength} bytes`,
    { details: { expected, actual: nodes.map((node) => node.height) } },
  );
  return {
    index: Number(event.submissionIndex),
    root: rootFromNodes(nodes),
    byteLength,
    startLeaf: Number(event.startPos),
    nodes,
  };
}

/** Files with the same root and byte length have the same bytes, so they are kept once. */
export function fileKey(file: { readonly root: Hex; readonly byteLength: number }): string {
  return `${file.root}:${file.byteLength}`;
}

import type { Hex } from "../core/bytes.ts";
import type { SubmissionNode } from "../crypto/file-tree.ts";

/** A file as the chain binds it: the only source of root and length that a download trusts. */
export interface FileReference {
  readonly root: Hex;
  readonly byteLength: number;
}

/** Reads submissions from the chain. */
export interface SubmissionReader {
  /** @throws GlassboxError kind `revert` for an unknown index. */
  submission(index: number): Promise<FileReference>;
}

/** Adds submissions to the chain. */
export interface SubmissionWriter {
  /** Submits a file and pays its default deal. @returns the submission's index */
  submit(byteLength: number, nodes: readonly SubmissionNode[]): Promise<number>;
}

/** Reads files of the chain's submissions, checked against the chain. */
export interface FileSource {
  download(submission: number, signal: AbortSignal): Promise<Uint8Array>;
}

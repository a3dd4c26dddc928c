import type { Hex } from "../core/bytes.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import type { PublicAnswer } from "./claims.ts";
import { createInference } from "./inference.ts";
import { loadProgram } from "./validate.ts";

/** A model that answers in the open: whoever has its files gets the same answers. */
export interface PublicModel {
  readonly programRoot: Hex;
  readonly weightsRoot: Hex;
  /** The model's files. */
  readonly program: Uint8Array;
  readonly weights: Uint8Array;
  /** @throws GlassboxError `COMPUTE_INPUT_MISMATCH` for a query of another length. */
  answer(query: Uint8Array): PublicAnswer;
}

/**
 * Opens a model from its two files.
 * @throws GlassboxError what validating the program, decoding the weights and preparing the inference throws.
 */
export function openPublicModel(files: { readonly program: Uint8Array; readonly weights: Uint8Array }): PublicModel {
  const infer = createInference(loadProgram(files.program), files.weights);
  const roots = { programRoot: fileRoot(files.program), weightsRoot: fileRoot(files.weights) };
  return { ...roots, ...files, answer: (query) => ({ ...roots, query, answer: infer(query).answer }) };
}

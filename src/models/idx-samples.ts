import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { ensureInput, GlassboxError } from "../core/errors.ts";
import { type IdxArray, parseIdx } from "./idx.ts";
import type { LabelledSamples } from "./labelled-samples.ts";

/** Which half of a data set: what to train on, or what is held out. */
export type Split = "train" | "test";

const FILE_PREFIXES = { train: "train", test: "t10k" } as const;

/** The name of the file with the samples of a split, as MNIST and its successors have it. */
export function samplesFileName(split: Split): string {
  return `${FILE_PREFIXES[split]}-images-idx3-ubyte`;
}

/**
 * Reads a folder in the format of MNIST: for each split a file of samples and one of labels.
 * @param folder its URL, with a slash at the end
 * @throws GlassboxError `MODELS_SAMPLES_MISSING`, `MODELS_IDX_INVALID`, `MODELS_SAMPLES_INVALID`.
 */
export async function readIdxSamples(folder: URL, split: Split): Promise<LabelledSamples> {
  const [samples, labels] = await Promise.all([
    readIdx(new URL(samplesFileName(split), folder)),
    readIdx(new URL(`${FILE_PREFIXES[split]}-labels-idx1-ubyte`, folder)),
  ]);
  const [count = 0] = samples.dimensions;
  ensureInput(
    count > 0 && labels.dimensions.length === 1 && labels.data.length === count,
    "MODELS_SAMPLES_INVALID",
    `${count} samples and ${labels.data.length} labels do not fit together`,
  );
  return {
    count,
    sampleBytes: samples.data.length / count,
    classes: labels.data.reduce((most, label) => Math.max(most, label), 0) + 1,
    samples: samples.data,
    labels: labels.data,
  };
}

async function readIdx(file: URL): Promise<IdxArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new GlassboxError("usage", "MODELS_SAMPLES_MISSING", `can't read ${fileURLToPath(file)}`, {
      cause,
      hint: "a folder of data has train-images-idx3-ubyte, train-labels-idx1-ubyte and the same for t10k",
    });
  }
  return parseIdx(bytes);
}

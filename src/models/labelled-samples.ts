import { encodeTensor } from "../core/tensor.ts";

/** Samples of one length with their labels. */
export interface LabelledSamples {
  readonly count: number;
  /** Bytes of one sample. */
  readonly sampleBytes: number;
  /** Labels are 0 to classes - 1. */
  readonly classes: number;
  /** What the labels stand for, unless they are numbers themselves. */
  readonly meanings?: readonly string[];
  /** `count` x `sampleBytes` bytes. */
  readonly samples: Uint8Array;
  /** `count` bytes. */
  readonly labels: Uint8Array;
}

/** Samples and labels as tensor files: what a training reads. */
export function tensorFiles(data: LabelledSamples): { samples: Uint8Array; labels: Uint8Array; count: number } {
  const { count, sampleBytes } = data;
  return {
    samples: encodeTensor({ type: "u8", rows: count, columns: sampleBytes }, data.samples),
    labels: encodeTensor({ type: "u8", rows: count, columns: 1 }, data.labels),
    count,
  };
}

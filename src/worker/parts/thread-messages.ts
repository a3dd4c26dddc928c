import type { TrainingData } from "../../compute/training.ts";
import type { ErrorKind } from "../../core/errors.ts";
import type { PartOutcome } from "./part-queue.ts";

/** What a thread is told. Data and weights lie in memory that all threads share. */
export type ThreadRequest =
  | {
      readonly kind: "job";
      readonly id: number;
      readonly program: Uint8Array;
      readonly seed: Uint8Array;
      readonly data: TrainingData;
    }
  | { readonly kind: "forget"; readonly id: number }
  | {
      readonly kind: "part";
      readonly job: number;
      readonly round: number;
      readonly part: number;
      readonly start: Uint8Array;
    };

/** What a thread answers to a part. The weights' memory is handed over. */
export type ThreadAnswer =
  PartOutcome | { readonly error: { readonly kind: ErrorKind; readonly code: string; readonly message: string } };

import type { ErrorKind } from "../core/errors.ts";
import type { TaskName } from "./tasks.ts";

/** Asks the proof process for one task. */
export interface TaskRequest {
  readonly id: number;
  readonly name: TaskName;
  readonly args: readonly unknown[];
}

/** A GlassboxError's parts: classes do not survive the way between processes. */
export interface TaskFailure {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint?: string;
}

/** The end of one task. */
export interface TaskReply {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: TaskFailure;
}

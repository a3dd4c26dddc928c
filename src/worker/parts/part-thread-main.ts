import { parentPort, type Transferable } from "node:worker_threads";

import { decodeProgram } from "../../compute/program-file.ts";
import { runPart, type TrainingJob } from "../../compute/training.ts";
import { GlassboxError } from "../../core/errors.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import type { ThreadAnswer, ThreadRequest } from "./thread-messages.ts";

/** A thread that computes parts and their roots. A job's data and kernels stay ready from one part to the next. */

const jobs = new Map<number, TrainingJob>();

parentPort?.on("message", (request: ThreadRequest) => {
  switch (request.kind) {
    case "job":
      jobs.set(request.id, { program: decodeProgram(request.program), seed: request.seed, data: request.data });
      break;
    case "forget":
      jobs.delete(request.id);
      break;
    case "part": {
      const answer = answerPart(request);
      parentPort?.postMessage(answer, "weights" in answer ? [answer.weights.buffer as Transferable] : []);
    }
  }
});

function answerPart({ job, round, part, start }: Extract<ThreadRequest, { kind: "part" }>): ThreadAnswer {
  try {
    const weights = runPart(jobs.get(job) as TrainingJob, start, round, part);
    return { weights, root: fileRoot(weights) };
  } catch (error) {
    if (error instanceof GlassboxError) {
      return { error: { kind: error.kind, code: error.code, message: error.message } };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { error: { kind: "bug", code: "WORKER_PART_FAILED", message } };
  }
}

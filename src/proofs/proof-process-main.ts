import { GlassboxError } from "../core/errors.ts";
import type { TaskReply, TaskRequest } from "./task-messages.ts";
import { tasks } from "./tasks.ts";

let queue = Promise.resolve();

// One task at a time: each uses every core already, and memory would add up.
process.on("message", (request: TaskRequest) => {
  queue = queue.then(async () => {
    process.send?.(await run(request));
  });
});
process.on("disconnect", () => process.exit());

async function run({ id, name, args }: TaskRequest): Promise<TaskReply> {
  const task = tasks[name] as (...args: readonly unknown[]) => Promise<unknown>;
  try {
    return { id, result: await task(...args) };
  } catch (error) {
    if (error instanceof GlassboxError) {
      const { kind, code, message, details, hint } = error;
      return { id, failure: { kind, code, message, details, ...(hint === undefined ? {} : { hint }) } };
    }
    const stack = error instanceof Error ? error.stack : String(error);
    const message = error instanceof Error ? error.message : String(error);
    return {
      id,
      failure: { kind: "bug", code: "PROOFS_TASK_FAILED", message: `${name}: ${message}`, details: { stack } },
    };
  }
}

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import { GlassboxError } from "../core/errors.ts";
import type { TaskReply, TaskRequest } from "./task-messages.ts";
import type { TaskName, Tasks } from "./tasks.ts";

const MAIN = fileURLToPath(new URL("proof-process-main.ts", import.meta.url));
const STDERR_TAIL = 2_000;
/** Proving makes garbage by the megabyte: with V8's usual young generation it would pile up to twice the memory. */
export const PROOF_PROCESS_FLAGS = ["--max-semi-space-size=4"];

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs compiler, set-up, prover and verifier in a child process, for three reasons: they block for seconds; they can only be
 * stopped by ending their process; and snarkjs, which ceremonies need, keeps threads that would hold the caller's process open (and cannot run inside a worker thread).
 * The child starts with the first call and stays warm. While it is idle it does not keep the caller's process alive, and it ends with it.
 */
export class ProofProcess {
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #nextId = 0;

  /** @throws whatever the task throws; `signal.reason` on abort; GlassboxError `PROOFS_PROCESS_DIED` */
  async call<Name extends TaskName>(
    name: Name,
    args: Parameters<Tasks[Name]>,
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<Tasks[Name]>>> {
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const abort = (): void => {
      this.#settle(id)?.reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        const child = (this.#child ??= this.#start());
        keepAlive(child, true);
        child.send({ id, name, args } satisfies TaskRequest);
      });
      return result as Awaited<ReturnType<Tasks[Name]>>;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends the child at once; open calls fail. The next call starts another. */
  close(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
    this.#failAll("the proof process was closed");
  }

  #start(): ChildProcess {
    const child = fork(MAIN, {
      execArgv: PROOF_PROCESS_FLAGS,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_TAIL);
    });
    child.on("message", (reply: TaskReply) => {
      const pending = this.#settle(reply.id);
      if (reply.failure) {
        const { kind, code, message, ...options } = reply.failure;
        pending?.reject(new GlassboxError(kind, code, message, options));
      } else pending?.resolve(reply.result);
    });
    const lost = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#failAll(`the proof process ended unexpectedly: ${stderr.trim()}`);
    };
    child.once("error", lost);
    child.once("close", lost);
    return child;
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0 && this.#child) keepAlive(this.#child, false);
    return pending;
  }

  #failAll(message: string): void {
    for (const { reject } of this.#pending.values()) reject(new GlassboxError("bug", "PROOFS_PROCESS_DIED", message));
    this.#pending.clear();
  }
}

/** Whether the child and its pipes hold the caller's event loop open. */
function keepAlive(child: ChildProcess, alive: boolean): void {
  const stderr = child.stderr as unknown as { ref(): void; unref(): void } | null;
  for (const handle of [child, child.channel, stderr]) {
    if (alive) handle?.ref();
    else handle?.unref();
  }
}

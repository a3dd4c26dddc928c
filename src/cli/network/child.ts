import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { GlassboxError } from "../../core/errors.ts";
import { PROJECT_ROOT } from "../hardhat.ts";

/** How long a process may take to finish its work after it was asked to stop. */
const GRACE_MS = 10_000;

/** How to start a child process. */
export interface ChildParameters {
  readonly name: string;
  /** Arguments of `node`. */
  readonly args: readonly string[];
  /** Folder for `<name>.log`, which takes standard output and error. */
  readonly logFolder: string;
}

/** A running process of the network. */
export class Child {
  readonly name: string;
  readonly logPath: string;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  #lastError = "";
  readonly #exited: Promise<unknown>;
  #wake: () => void = () => undefined;
  #closed = false;

  constructor(parameters: ChildParameters) {
    this.name = parameters.name;
    this.logPath = join(parameters.logFolder, `${parameters.name}.log`);
    const log = createWriteStream(this.logPath, { flags: "a" });
    this.#process = spawn(process.execPath, parameters.args, {
      cwd: PROJECT_ROOT,
      env: process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#exited = once(this.#process, "exit").then(() => {
      this.#closed = true;
      this.#wake();
    });
    if (!this.#process.stdout || !this.#process.stderr)
      throw new GlassboxError("bug", "CLI_CHILD_DEAF", "the child has no output");
    createInterface({ input: this.#process.stderr }).on("line", (line) => {
      log.write(`${line}\n`);
      if (line.trim() !== "") this.#lastError = line;
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      log.write(`${line}\n`);
      this.#lines.push(line);
      this.#wake();
    });
  }

  /**
   * Waits for the first line of standard output that `accept` turns into something.
   * @throws GlassboxError `CLI_CHILD_FAILED` if the process ends or `timeoutMs` passes first.
   */
  async ready<T>(accept: (line: string) => T | undefined, timeoutMs: number, signal: AbortSignal): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      while (this.#lines.length > 0) {
        const value = accept(this.#lines.shift()!);
        if (value !== undefined) return value;
      }
      signal.throwIfAborted();
      const left = deadline - Date.now();
      if (this.#closed || left <= 0) {
        const said = this.#lastError === "" ? "" : `: ${this.#lastError}`;
        throw new GlassboxError("bug", "CLI_CHILD_FAILED", `${this.name} did not start${said}`, {
          hint: `its log is ${this.logPath}; --keep <folder> keeps the logs`,
        });
      }
      const timer = new AbortController();
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        sleep(Math.min(left, 1_000), undefined, { signal: timer.signal }).catch(() => undefined),
      ]);
      timer.abort();
    }
  }

  /** Waits until the process has ended by itself. @returns its exit code, null if a signal ended it. */
  async exit(): Promise<number | null> {
    await this.#exited;
    return this.#process.exitCode;
  }

  /** Ends the process at once, as a power cut would. */
  async kill(): Promise<void> {
    if (!this.#closed) this.#process.kill("SIGKILL");
    await this.#exited;
  }

  /** Asks the process to finish, and ends it if it has not after a while. */
  async stop(): Promise<void> {
    if (!this.#closed) this.#process.kill("SIGTERM");
    const timer = new AbortController();
    await Promise.race([this.#exited, sleep(GRACE_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    await this.kill();
  }
}

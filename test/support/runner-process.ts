import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { PROJECT_ROOT } from "../../src/cli/hardhat.ts";

/** `glassbox compute runner` in a process of its own. */
export class RunnerProcess {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #begun: Promise<void>;

  constructor(queue: string) {
    const args = ["src/cli/main.ts", "compute", "runner", "--queue", queue, "--log-level", "debug"];
    const child = spawn(process.execPath, args, { cwd: PROJECT_ROOT, stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    this.#exited = once(child, "exit");
    this.#begun = new Promise((resolve) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        if (line.includes("a part begins")) resolve();
      });
    });
  }

  /** Resolves when it computes its first part. */
  begun(): Promise<void> {
    return this.#begun;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  /** Asks it to finish. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#process.kill("SIGTERM");
    await this.#exited;
    return this.#process.exitCode;
  }
}

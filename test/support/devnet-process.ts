import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { PROJECT_ROOT } from "../../src/cli/hardhat.ts";

/** `glassbox devnet --json` in a process of its own. */
export class DevnetProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: string[] = [];
  #errors = "";
  #wake: () => void = () => undefined;

  constructor(flags: readonly string[], environment: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, ["src/cli/main.ts", "devnet", "--json", ...flags], {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    this.#ended = once(child, "close").then(() => {
      this.#wake();
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
      this.#wake();
    });
  }

  /** What was written to standard output. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Waits for the first line of standard output. */
  async firstLine(): Promise<string> {
    await this.#until(() => this.#lines.length > 0);
    return this.#lines[0]!;
  }

  /** Waits until standard error has this text. */
  async told(text: string): Promise<void> {
    await this.#until(() => this.#errors.includes(text));
  }

  /** Interrupts it as Ctrl-C does. @returns its exit code once it has ended */
  async interrupt(): Promise<number | null> {
    this.#process.kill("SIGINT");
    await this.#ended;
    return this.#process.exitCode;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#process.exitCode !== null) throw new Error(`devnet ended early\n${this.#errors}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

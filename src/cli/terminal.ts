/** The two streams of a process that people see. */
interface Streams {
  readonly stdout: Pick<NodeJS.WriteStream, "write">;
  readonly stderr: Pick<NodeJS.WriteStream, "write" | "isTTY">;
}

/** Results on standard output, progress on standard error; on a terminal, live lines replace each other. */
export class Terminal {
  readonly #streams: Streams;
  #isLive = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Writes a result. */
  result(text: string): void {
    this.settle();
    this.#streams.stdout.write(`${text}\n`);
  }

  /** Writes a line of progress. */
  progress(line: string): void {
    this.settle();
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Writes a line of progress over the last live one; where nothing can be replaced, as a line of its own. */
  live(line: string): void {
    const { stderr } = this.#streams;
    if (!stderr.isTTY) {
      stderr.write(`${line}\n`);
      return;
    }
    stderr.write(`\r\u001b[2K${line}`);
    this.#isLive = true;
  }

  /** Leaves the live line standing: what follows begins on a line of its own. */
  settle(): void {
    if (this.#isLive) this.#streams.stderr.write("\n");
    this.#isLive = false;
  }
}

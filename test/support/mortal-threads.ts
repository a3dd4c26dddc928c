import { Worker } from "node:worker_threads";

const MAIN = new URL("../../src/worker/parts/part-thread-main.ts", import.meta.url);

/** Starts threads that compute parts, and ends those that are told to: each at the moment at which it gets its next part. */
export class MortalThreads {
  /** How many were started. */
  started = 0;
  #doomed: number;

  /** @param doomed how many parts end the thread that gets them */
  constructor(doomed = 0) {
    this.#doomed = doomed;
  }

  readonly start = (): Worker => {
    this.started++;
    const worker = new Worker(MAIN);
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (request: { kind: string }) => {
      post(request);
      if (request.kind === "part" && this.#doomed-- > 0) void worker.terminate();
    };
    return worker;
  };

  /** Ends whatever gets the next part. */
  doom(): void {
    this.#doomed = 1;
  }
}

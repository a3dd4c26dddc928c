import { averageParts, initialWeights, type TrainingJob } from "../../src/compute/training.ts";
import { ensureCheck } from "../../src/core/errors.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { LocalPartQueue } from "../../src/worker/parts/local-part-queue.ts";
import { startPartRunner } from "../../src/worker/parts/part-runner.ts";
import type { Figure } from "../figure.ts";
import { median } from "../median.ts";
import { digitsJob } from "./training.ts";

const PARTS = 2;
const ROUNDS = 101;
/** Until kernels and data are warm. */
const WARM_UP = 4;

/**
 * How many times as fast two worker threads are as one, on rounds of two parts of 784-128-10 with every root made. One and two threads take
 * turns round by round, so that whatever else the machine does slows both.
 */
export async function measureWorkers(): Promise<Figure[]> {
  const job = await digitsJob(PARTS);
  const crews = [1, 2].map((threads) => startCrew(job, threads));
  const times = crews.map((): number[] => []);
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const roots: string[] = [];
    for (const [i, crew] of crews.entries()) {
      const started = performance.now();
      roots.push(await crew.round(round));
      if (round >= WARM_UP) times[i]?.push(performance.now() - started);
    }
    ensureCheck(roots[0] === roots[1], "BENCH_ROOT_MISMATCH", `two threads give another root in round ${round}`);
  }
  for (const crew of crews) await crew.close();
  const [one = [], two = []] = times;
  const speedup = Math.round((100 * median(one)) / median(two)) / 100;
  return [{ name: "workers.2.speedup", value: speedup, unit: "times", peer: null }];
}

/** Trains on so many threads, round by round. */
function startCrew(job: TrainingJob, threads: number) {
  const { signal } = new AbortController();
  const queue = new LocalPartQueue(PARTS);
  const runner = startPartRunner({ queue, threads, logger: createLogger("bench", "silent") });
  let start = initialWeights(job.program, job.seed);
  let startRoot = fileRoot(start);
  return {
    round: async (round: number): Promise<string> => {
      const tasks = Array.from({ length: PARTS }, (_, part) => ({ job, round, part, start, startRoot }));
      const ends = await Promise.all(tasks.map((task) => queue.submit(task, signal)));
      start = averageParts(
        job.program,
        ends.map(({ weights }) => weights),
      );
      startRoot = fileRoot(start);
      return startRoot;
    },
    close: async (): Promise<void> => {
      await runner.close();
      await queue.close();
    },
  };
}

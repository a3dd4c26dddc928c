import { averageParts, initialWeights, trainRounds } from "../../src/compute/training.ts";
import type { TrainingJob } from "../../src/compute/training.ts";
import type { Hex } from "../../src/core/bytes.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import type { PartOutcome, PartTask } from "../../src/worker/parts/part-queue.ts";
import { Dice } from "./dice.ts";
import { smallJob } from "./small-training.ts";

/** The parts of a round, of the first one unless told otherwise. */
export function partTasks(job = smallJob(), round = 0, start = initialWeights(job.program, job.seed)): PartTask[] {
  const startRoot = fileRoot(start);
  return Array.from({ length: job.program.parts }, (_, part) => ({ job, round, part, start, startRoot }));
}

/** Trains over whatever computes parts, each round's in a random order. @returns the root of each round's start, and the last one's end */
export async function rootsOver(
  compute: (task: PartTask) => Promise<PartOutcome>,
  job: TrainingJob,
  rounds: number,
  seed: bigint,
): Promise<Hex[]> {
  const dice = new Dice(seed);
  const roots: Hex[] = [];
  let start = initialWeights(job.program, job.seed);
  for (let round = 0; round < rounds; round++) {
    const tasks = partTasks(job, round, start);
    const ends: Uint8Array[] = [];
    await Promise.all(
      shuffled(tasks, dice).map(async (task) => {
        const { weights, root } = await compute(task);
        ends[task.part] = weights;
        roots[round * (tasks.length + 1) + 1 + task.part] = root;
      }),
    );
    roots[round * (tasks.length + 1)] = fileRoot(start);
    start = averageParts(job.program, ends);
  }
  return [...roots, fileRoot(start)];
}

/** The same roots, computed in order on this thread. */
export function rootsInOrder(job: TrainingJob, rounds: number): Hex[] {
  const results = [...trainRounds(job, rounds)];
  return [...results.flatMap(({ start, ends }) => [start, ...ends].map(fileRoot)), fileRoot(results.at(-1)!.next)];
}

/** The items in an order that the dice give. */
export function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const keyed = items.map((item) => ({ item, key: dice.number(2 ** 30) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

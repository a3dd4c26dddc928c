import { expect } from "chai";

import { Detail, type Meddling } from "../../../src/compute/dispute/detail.ts";
import type { Execution } from "../../../src/compute/dispute/execution.ts";
import { initialWeights } from "../../../src/compute/training.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { ByteCache } from "../../../src/worker/dispute/byte-cache.ts";
import { DetailDesk } from "../../../src/worker/dispute/detail-desk.ts";
import { smallJob, smallProgram } from "../../support/small-training.ts";

const STEPS = 5;
const EXECUTIONS = [0, 1, 2, 3, 4, 5, 6, 7];
const { signal } = new AbortController();

describe("detail desk", () => {
  const program = smallProgram({ stepsPerPart: STEPS });
  const job = smallJob(program);
  const weights = initialWeights(program, job.seed);
  const part = (index: number): Execution => {
    return { program, section: "step", seed: job.seed, position: index * STEPS * 4, data: job.data, weights };
  };
  /** Steps that were run. */
  let runs: number;
  let running: number;
  const count: Meddling = ({ operation }) => {
    if (operation === 0) runs++;
    return undefined;
  };

  const deskOf = (maxFileBytes?: number): DetailDesk<number> =>
    new DetailDesk<number>(async (index, levels) => {
      expect(running++, "executions computed at once").to.equal(0);
      const execution = part(index);
      const detail =
        levels === undefined
          ? await Detail.compute(execution, { meddling: count })
          : Detail.resume(execution, levels, { meddling: count });
      running--;
      return detail;
    }, maxFileBytes);

  /** What a game asks for on its way down, all games move by move side by side. */
  async function playAll(desk: DetailDesk<number>): Promise<unknown[]> {
    const all = <T>(ask: (index: number) => Promise<T>): Promise<T[]> => Promise.all(EXECUTIONS.map(ask));
    const outlines = await all((index) => desk.outline(`${index}`, index, signal));
    const records = await all((index) => desk.record(`${index}`, index, 3, signal));
    const place = { step: 3, operation: 2 };
    const tensors = await all((index) => desk.tensor(`${index}`, index, place, signal));
    return EXECUTIONS.map((i) => [outlines[i]!.root, outlines[i]!.outputRoot, toHex(records[i]!), toHex(tensors[i]!)]);
  }

  beforeEach(() => {
    runs = 0;
    running = 0;
  });

  it("runs an execution once for its root and once for each thing that a game asks for, however many games there are", async () => {
    const desk = deskOf();
    const first = await playAll(desk);
    expect(runs).to.be.at.most(EXECUTIONS.length * (STEPS + 4 + 4));
    runs = 0;
    expect(await playAll(desk)).to.deep.equal(first);
    expect(runs).to.equal(0);
  });

  it("gives what the execution itself gives, also when it can keep nothing", async () => {
    const answers = await playAll(deskOf(1));
    expect(answers).to.deep.equal(await playAll(deskOf()));
    const last = await Detail.compute(part(7));
    const { record, tensors } = await last.step(3);
    expect((answers[7] as string[])[0]).to.equal(last.root);
    expect((answers[7] as string[]).slice(2)).to.deep.equal([toHex(record), toHex(tensors[2]!)]);
  });

  it("tries again what has failed", async () => {
    let isBroken = true;
    const desk = new DetailDesk<number>(async (index) => {
      if (isBroken) throw new RangeError("broken");
      return Detail.compute(part(index));
    });
    const failed = await desk.outline("0", 0, signal).catch((error: unknown) => (error as Error).message);
    expect(failed).to.equal("broken");
    isBroken = false;
    expect((await desk.outline("0", 0, signal)).root).to.equal((await Detail.compute(part(0))).root);
  });
});

describe("byte cache", () => {
  it("drops what was asked for longest ago, and keeps the newest file however large it is", () => {
    const cache = new ByteCache(10);
    const has = (...names: string[]): boolean[] => names.map((name) => cache.get(name) !== undefined);
    cache.set("a", new Uint8Array(4));
    cache.set("b", new Uint8Array(4));
    cache.get("a");
    cache.set("c", new Uint8Array(4));
    expect(has("a", "b", "c")).to.deep.equal([true, false, true]);
    cache.set("c", new Uint8Array(6));
    expect(has("a", "c")).to.deep.equal([true, true]);
    cache.set("d", new Uint8Array(11));
    expect(has("a", "c", "d")).to.deep.equal([false, false, true]);
  });
});

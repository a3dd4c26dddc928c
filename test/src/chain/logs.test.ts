import { expect } from "chai";
import type { Log, Provider } from "ethers";

import { followLogs, type LogRange } from "../../../src/chain/logs.ts";

/** A chain of numbered blocks on some fork; a range with more logs than `maxLogs` is refused, as public endpoints do. */
class ForkingChain {
  head = 0;
  fork = "a";
  forkedAt = Number.POSITIVE_INFINITY;
  maxLogs = Number.POSITIVE_INFINITY;
  readonly asked: number[] = [];

  #hash(number: number): string {
    return `${number >= this.forkedAt ? this.fork : "a"}${number}`;
  }

  provider(): Provider {
    return {
      getBlockNumber: () => Promise.resolve(this.head),
      getBlock: (number: number) => Promise.resolve(number <= this.head ? { hash: this.#hash(number) } : null),
      getLogs: ({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) => {
        const length = toBlock - fromBlock + 1;
        this.asked.push(length);
        if (length > this.maxLogs) return Promise.reject(new Error("query returned too many results"));
        return Promise.resolve(
          Array.from({ length }, (_, i) => ({ blockHash: this.#hash(fromBlock + i) })) as unknown as Log[],
        );
      },
    } as unknown as Provider;
  }
}

describe("following logs", () => {
  let stop: AbortController;
  let chain: ForkingChain;
  let problems: number;
  let ranges: AsyncGenerator<LogRange>;

  beforeEach(() => {
    stop = new AbortController();
    chain = new ForkingChain();
    problems = 0;
    ranges = followLogs(chain.provider(), { address: [], topics: [] }, 0, {
      signal: stop.signal,
      pollMs: 1,
      onError: () => problems++,
    });
  });
  afterEach(() => {
    stop.abort();
  });

  async function next(): Promise<LogRange> {
    const { value } = (await ranges.next()) as { value: LogRange };
    return value;
  }

  it("catches up page by page, so that what was read is not lost to a failure", async () => {
    chain.head = 4_999;
    expect(await next()).to.include({ toBlock: 1_999, head: 4_999 });
    expect(await next()).to.include({ toBlock: 3_999 });
    expect(await next()).to.include({ toBlock: 4_999 });
  });

  it("asks for fewer blocks where strangers caused more logs than the endpoint gives", async () => {
    chain.head = 999;
    chain.maxLogs = 100;
    let read = 0;
    while (read < 1_000) read += (await next()).logs.length;
    expect(read).to.equal(1_000);
    expect(problems).to.be.above(0);
    expect(Math.max(...chain.asked.slice(3))).to.be.below(400);
  });

  it("tells once of a chain that is gone, and again when it fails after it was back", async () => {
    chain.head = 9;
    for (let outage = 1; outage <= 2; outage++) {
      chain.maxLogs = 0;
      const reading = next();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(chain.asked.length).to.be.above(outage + 2);
      expect(problems).to.equal(outage);
      chain.maxLogs = Number.POSITIVE_INFINITY;
      const { toBlock } = await reading;
      chain.head = toBlock + 10;
    }
  });

  it("reads the blocks of a new fork again", async () => {
    chain.head = 100;
    await next();
    chain.fork = "b";
    chain.forkedAt = 95;
    chain.head = 101;
    const { logs, toBlock } = await next();
    expect(toBlock).to.equal(101);
    expect(logs.map(({ blockHash }) => blockHash)).to.include.members(["b95", "b100", "b101"]);
  });

  it("notices a fork that is shorter than the chain was", async () => {
    chain.head = 100;
    await next();
    chain.fork = "b";
    chain.forkedAt = 95;
    chain.head = 98;
    const { logs, toBlock } = await next();
    expect(toBlock).to.equal(98);
    expect(logs.map(({ blockHash }) => blockHash)).to.include.members(["b95", "b98"]);
  });
});

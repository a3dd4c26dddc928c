import { expect } from "chai";
import { AbiCoder, Contract, type Filter, id, type Log, type Provider, zeroPadValue } from "ethers";

import { contractInterface } from "../../../src/chain/abi.ts";
import type { Contracts } from "../../../src/chain/contracts.ts";
import { findEvents } from "../../../src/chain/event-search.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const POOL = "0x1111111111111111111111111111111111111111";
const OPERATOR = "0x2222222222222222222222222222222222222222";
const OWNER = "0x3333333333333333333333333333333333333333";

/** An endpoint that has one deposit in each of some blocks, and searches so many blocks at once. */
function endpoint(deposits: readonly number[], head: number, maxSpan: number) {
  const asked: Filter[] = [];
  const provider = {
    getBlockNumber: () => Promise.resolve(head),
    getLogs: (filter: Filter) => {
      asked.push(filter);
      const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
      if (to - from + 1 > maxSpan) return Promise.reject(refusal());
      return Promise.resolve(deposits.filter((block) => block >= from && block <= to).map(depositLog));
    },
  };
  const pool = new Contract(POOL, contractInterface("staking/StakePool")) as unknown as Contracts["StakePool"];
  const search = (fromBlock: number) =>
    findEvents(pool, { provider: provider as unknown as Provider, fromBlock }, "Deposited", [null, OWNER]);
  return { asked, search };
}

function refusal(): Error {
  return Object.assign(new Error("query returned more than 10000 results"), { code: "UNKNOWN_ERROR" });
}

/** A deposit whose amount is the number of its block. */
function depositLog(block: number): Log {
  const data = AbiCoder.defaultAbiCoder().encode(["uint32", "uint256", "uint256"], [0, block, block]);
  const topics = [id("Deposited(address,address,uint32,uint256,uint256)"), pad(OPERATOR), pad(OWNER)];
  return { address: POOL, data, topics } as unknown as Log;
}

function pad(address: string): string {
  return zeroPadValue(address, 32);
}

describe("event search", () => {
  it("asks once if the endpoint lets it, for the events of the account only", async () => {
    const { asked, search } = endpoint([5, 9_000_000], 10_000_000, Infinity);
    const found = await search(5);
    expect(found.map(({ assetsWei }) => assetsWei)).to.deep.equal([5n, 9_000_000n]);
    expect(found[0]).to.include({ operator: OPERATOR, owner: OWNER, generation: 0n });
    expect(asked).to.have.length(1);
    expect(asked[0]).to.deep.include({ address: POOL, fromBlock: 5, toBlock: 10_000_000 });
    expect(asked[0]?.topics).to.deep.equal([depositLog(0).topics[0], null, pad(OWNER)]);
  });

  it("asks for fewer blocks at once if the endpoint refuses, and misses none", async () => {
    const deposits = [0, 1_999, 2_000, 7_777, 65_535, 99_999, 100_000];
    for (const maxSpan of [2_000, 5_000, 50_000, 100_001]) {
      const { search } = endpoint(deposits, 100_000, maxSpan);
      const found = await search(0);
      expect(
        found.map(({ assetsWei }) => Number(assetsWei)),
        String(maxSpan),
      ).to.deep.equal(deposits);
    }
  });

  it("finds nothing beyond the head", async () => {
    const { asked, search } = endpoint([], 10, Infinity);
    expect(await search(11)).to.deep.equal([]);
    expect(asked).to.deep.equal([]);
  });

  it("gives up on an endpoint that refuses even a page, with its reason", async () => {
    const { search } = endpoint([], 100_000, 100);
    const { message } = await expectGlassboxError(search(0), "network", "CHAIN_CALL_FAILED");
    expect(message).to.contain("more than 10000 results");
  });

  it("gives up before it asks for ever, or finds without end", async () => {
    const far = endpoint([], 100_000_000, 2_000);
    const { details } = await expectGlassboxError(far.search(0), "usage", "CHAIN_SEARCH_TOO_LONG");
    expect(details["reachedBlock"]).to.be.greaterThan(1_900_000);
    expect(far.asked).to.have.length(1_000);
    const many = endpoint(
      Array.from({ length: 2_000 }, (_, block) => block),
      10_000,
      2_000,
    );
    await expectGlassboxError(many.search(0), "usage", "CHAIN_SEARCH_TOO_LONG");
    expect(many.asked.length).to.be.lessThan(5);
  });
});

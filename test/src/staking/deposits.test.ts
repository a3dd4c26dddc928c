import { expect } from "chai";
import { Contract, type JsonRpcProvider, parseEther, Wallet } from "ethers";

import { contractInterface } from "../../../src/chain/abi.ts";
import type { Contracts } from "../../../src/chain/contracts.ts";
import { depositTransactions, permitDeposit } from "../../../src/staking/deposits.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

const POOL = "0x1111111111111111111111111111111111111111";
const TOKEN = "0x2222222222222222222222222222222222222222";
const OPERATOR = "0x3333333333333333333333333333333333333333";
const deposit = { operator: OPERATOR, amountWei: parseEther("3") };

/** Contracts of a chain whose token answers, or fails, like this. */
function contractsOf(answer: () => Promise<string>): Contracts {
  const runner = { provider: null, call: answer };
  return {
    StakePool: new Contract(POOL, contractInterface("staking/StakePool"), runner),
    Token: new Contract(TOKEN, contractInterface("mocks/TokenMock"), runner),
  } as unknown as Contracts;
}

function failure(code: string): () => Promise<string> {
  return () => Promise.reject(Object.assign(new Error(code), { code }));
}

function owner(): Wallet {
  const provider = { getBlock: () => Promise.resolve({ timestamp: 1_800_000_000 }) };
  return Wallet.createRandom(provider as unknown as JsonRpcProvider) as unknown as Wallet;
}

describe("deposits", () => {
  it("grant the pool just the amount, then deposit it", async () => {
    const contracts = contractsOf(failure("BUG"));
    const [approve, send, ...rest] = await depositTransactions(contracts, deposit);
    expect(rest).to.deep.equal([]);
    expect(approve?.to).to.equal(TOKEN);
    expect(send?.to).to.equal(POOL);
    const allowance = contracts.Token.interface.decodeFunctionData("approve", approve?.data ?? "");
    expect([...allowance]).to.deep.equal([POOL, deposit.amountWei]);
    const sent = contracts.StakePool.interface.decodeFunctionData("deposit", send?.data ?? "");
    expect([...sent]).to.deep.equal([OPERATOR, deposit.amountWei, deposit.amountWei]);
  });

  it("need an allowance if the token has no permits", async () => {
    for (const code of ["CALL_EXCEPTION", "BAD_DATA"])
      expect(await permitDeposit(contractsOf(failure(code)), owner(), deposit), code).to.equal(undefined);
    const empty = contractsOf(() => Promise.resolve("0x"));
    expect(await permitDeposit(empty, owner(), deposit)).to.equal(undefined);
  });

  it("do not take an endpoint that is gone for a token without permits", async () => {
    await expectGlassboxError(
      permitDeposit(contractsOf(failure("ECONNREFUSED")), owner(), deposit),
      "network",
      "CHAIN_CALL_FAILED",
    );
  });
});

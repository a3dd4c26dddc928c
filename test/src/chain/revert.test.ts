import { expect } from "chai";
import { encodeBytes32String, makeError } from "ethers";

import { contractInterface } from "../../../src/chain/abi.ts";
import { chainError } from "../../../src/chain/revert.ts";

describe("chain errors", () => {
  it("name the parameter that a contract refuses", () => {
    const contract = contractInterface("compute/JobRegistry");
    const data = contract.encodeErrorResult("JobRegistryParameterOutOfRange", [encodeBytes32String("rounds"), 0, 1, 9]);
    const { kind, message } = chainError(Object.assign(new Error("reverted"), { code: "CALL_EXCEPTION", data }));
    expect(kind).to.equal("revert");
    expect(message).to.equal("the chain refused: JobRegistryParameterOutOfRange(rounds, 0, 1, 9)");
  });

  it("name what the game's reader refuses, which no address book lists", () => {
    const data = contractInterface("compute/GameReader").encodeErrorResult("TensorOffset", [3, 2]);
    const { details, message } = chainError(Object.assign(new Error("reverted"), { code: "CALL_EXCEPTION", data }));
    expect(details).to.deep.equal({ error: "TensorOffset", arguments: ["3", "2"] });
    expect(message).to.equal("the chain refused: TensorOffset(3, 2)");
  });

  it("show a hash as it is", () => {
    const contract = contractInterface("proofs/VerifierRegistry");
    const hash = `0x${"ab".repeat(32)}`;
    const data = contract.encodeErrorResult("VerifierRegistryKeyExists", [1, hash]);
    const { message } = chainError(Object.assign(new Error("reverted"), { code: "CALL_EXCEPTION", data }));
    expect(message).to.equal(`the chain refused: VerifierRegistryKeyExists(1, ${hash})`);
  });

  it("say of a revert without data that it has no reason", () => {
    const error = chainError(Object.assign(new Error("reverted"), { code: "CALL_EXCEPTION", data: "0x" }));
    expect(error).to.include({ kind: "revert", message: "the chain refused: without a reason" });
  });

  it("tell that an account sends from elsewhere, and nothing of the transaction", () => {
    const info = { transaction: `0x${"02".repeat(200)}` };
    const used = chainError(makeError("nonce has already been used", "NONCE_EXPIRED", info as never));
    expect(used).to.include({ kind: "network", code: "CHAIN_NONCE_USED" });
    const other = chainError(makeError("missing response", "SERVER_ERROR", info as never));
    expect(other).to.include({ kind: "network", code: "CHAIN_CALL_FAILED" });
    for (const { message } of [used, other]) expect(message).not.to.contain("0x");
  });
});

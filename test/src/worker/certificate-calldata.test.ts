import { expect } from "chai";
import { AbiCoder, concat, Interface } from "ethers";
import fc from "fast-check";

import { contractInterface } from "../../../src/chain/abi.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { advanceIn, certifiedVoteIn } from "../../../src/worker/certificate-calldata.ts";
import { voteFor } from "../../support/service-terms.ts";

const SIGNATURE = new Uint8Array(256).fill(5);
const ARGUMENT = { signature: toHex(SIGNATURE), absentees: 6n };
const CERTIFICATE = { signature: SIGNATURE, absentees: 6n };

describe("certificates in transaction data", () => {
  const inbox = contractInterface("staking/ServiceInbox");
  const advance = inbox.encodeFunctionData("advance", [9n, "0x1234", ARGUMENT]);

  it("are found in a call of the inbox, for its epoch only", () => {
    expect(advanceIn(advance, 9n)).to.deep.equal(CERTIFICATE);
    expect(advanceIn(advance, 8n)).to.equal(undefined);
  });

  it("are found in a call that is passed on by others, behind whatever looks like one", () => {
    const decoy = inbox.encodeFunctionData("advance", [8n, "0x", ARGUMENT]);
    const forwarder = new Interface(["function execute(address to, bytes[] calls)"]);
    const calls = [advance.slice(0, 10), decoy, concat(["0x000000", advance])];
    const data = forwarder.encodeFunctionData("execute", [`0x${"11".repeat(20)}`, calls]);
    expect(advanceIn(data, 9n)).to.deep.equal(CERTIFICATE);
  });

  it("are found where a vote and its certificate come first, whatever the function and the rest", () => {
    const vote = voteFor(1);
    const board = contractInterface("mocks/PayloadBoardMock");
    const expected = { vote, certificate: CERTIFICATE };
    expect(certifiedVoteIn(board.encodeFunctionData("post", [vote, ARGUMENT]))).to.deep.equal(expected);
    const [{ inputs }] = [board.getFunction("post")!];
    const more = AbiCoder.defaultAbiCoder().encode([...inputs, "bytes", "uint256"], [vote, ARGUMENT, "0xabcd", 7n]);
    expect(certifiedVoteIn(concat(["0x12345678", more]))).to.deep.equal(expected);
  });

  it("are not found in what strangers make up", () => {
    const short = { signature: "0x1234", absentees: 0n };
    const board = contractInterface("mocks/PayloadBoardMock");
    expect(certifiedVoteIn(board.encodeFunctionData("post", [voteFor(1), short]))).to.equal(undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const data = toHex(bytes);
        expect(advanceIn(`${advance.slice(0, 10)}${data.slice(2)}`, 9n)).to.equal(undefined);
        expect(certifiedVoteIn(data)).to.equal(undefined);
      }),
      { seed: 7 },
    );
  });
});

import { expect } from "chai";

import { inputHash } from "../../src/proofs/input-hash.ts";
import { TestCircuit } from "../support/proofs/circuit.ts";
import { random } from "../support/proofs/random-mlp.ts";

/** One element, a full one, two; one full block, and the first byte of the next. */
const BYTE_COUNTS = [1, 31, 32, 465, 466];

const MAIN = `
pragma circom 2.2.0;
include "BytesHash.circom";
template Hashes() {
    ${BYTE_COUNTS.map((count) => `signal input bytes${count}[${count}];`).join("\n    ")}
    signal output out[${BYTE_COUNTS.length}];
    ${BYTE_COUNTS.map((count, i) => `out[${i}] <== BytesHash(${count})(bytes${count});`).join("\n    ")}
}
component main = Hashes();
`;

describe("BytesHash", function () {
  this.timeout(120_000);
  let circuit: TestCircuit;

  before(async () => {
    circuit = await TestCircuit.compile(MAIN);
  });

  after(() => circuit.dispose());

  const check = async (fill: (byteCount: number) => Uint8Array): Promise<void> => {
    const samples = BYTE_COUNTS.map(fill);
    const entries = samples.map((bytes) => [`bytes${bytes.length}`, Array.from(bytes, BigInt)] as const);
    const witness = await circuit.witness(Object.fromEntries(entries));
    expect(witness.slice(1, 1 + samples.length)).to.deep.equal(samples.map(inputHash));
    for (let i = 1; i <= samples.length; i++) {
      expect(circuit.accepts(witness.with(i, witness[i]! + 1n))).to.equal(false);
    }
  };

  it("is the TypeScript hash of random bytes", () => {
    const next = random(31);
    return check((byteCount) => Uint8Array.from({ length: byteCount }, () => Math.floor(256 * next())));
  });

  it("is the TypeScript hash of zeros, which differ by their number", async () => {
    await check((byteCount) => new Uint8Array(byteCount));
    expect(new Set(BYTE_COUNTS.map((byteCount) => inputHash(new Uint8Array(byteCount)))).size).to.equal(
      BYTE_COUNTS.length,
    );
  });

  it("is the TypeScript hash of the largest bytes", () => check((byteCount) => new Uint8Array(byteCount).fill(255)));
});

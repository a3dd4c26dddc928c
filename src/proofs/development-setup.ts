import { readFile, writeFile } from "node:fs/promises";

import { keccak_256, sha3_512 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { buildBn128, type Curve } from "ffjavascript";

import { SectionFile, element, u32 } from "./binary-writer.ts";
import { COORDINATE_MODULUS, FIELD_ORDER } from "./field.ts";
import { FixedBase } from "./fixed-base.ts";
import { domainSize, evaluateQap, lagrangeAt } from "./qap.ts";
import { type R1cs, readR1cs } from "./r1cs.ts";

const WARNING = "INSECURE development set-up: anyone can derive the trapdoor from the circuit and forge proofs.";
const WARNING_SECTION = 0x494e5345;
const G1_WINDOW_BITS = 12;
const G2_WINDOW_BITS = 10;
/** snarkjs keeps coefficients multiplied twice by the Montgomery radix. */
const COEFFICIENT_SCALE = 2n ** 512n % FIELD_ORDER;
const COEFFICIENT_BYTES = 12 + 32;

/**
 * Writes a Groth16 proving key whose trapdoor is derived from the circuit's hash: deterministic, fast, and worthless as a proof system.
 * gamma = delta = 1 marks such keys, so that contracts and tools can refuse them.
 */
export async function writeDevelopmentKey(r1csPath: string, zkeyPath: string): Promise<void> {
  const r1cs = await readR1cs(r1csPath);
  const seed = keccak_256(await readFile(r1csPath));
  const curve = await buildBn128(true);
  await writeFile(zkeyPath, await provingKey(r1cs, curve, seed));
}

async function provingKey(r1cs: R1cs, curve: Curve, seed: Uint8Array): Promise<Uint8Array> {
  const [tau, alpha, beta] = ["tau", "alpha", "beta"].map((label) => trapdoor(seed, label)) as [bigint, bigint, bigint];
  const size = domainSize(r1cs.constraints.length, r1cs.publicCount);
  const root = (order: number): bigint => curve.Fr.toObject(curve.Fr.w[Math.log2(order)]!);
  const { a, b, c } = evaluateQap(r1cs, lagrangeAt(tau, root(size), size));
  const combined = a.map((value, i) => (beta * value + alpha * b[i]! + c[i]!) % FIELD_ORDER);
  // The quotient is interpolated on the odd half of the doubled domain.
  const quotient = lagrangeAt(tau, root(2 * size), 2 * size).filter((_, i) => i % 2 === 1);

  const g1 = await FixedBase.create(curve.G1, G1_WINDOW_BITS);
  const g2 = await FixedBase.create(curve.G2, G2_WINDOW_BITS);
  const firstPrivate = r1cs.publicCount + 1;
  const file = new SectionFile();
  file.section(1, u32(1));
  file.section(
    2,
    ...[u32(32), element(COORDINATE_MODULUS), u32(32), element(FIELD_ORDER)],
    u32(r1cs.signalCount, r1cs.publicCount, size),
    ...[
      await g1.multiply([alpha, beta]),
      await g2.multiply([beta]),
      curve.G2.gAffine,
      curve.G1.gAffine,
      curve.G2.gAffine,
    ],
  );
  file.section(3, await g1.multiply(combined.slice(0, firstPrivate)));
  file.section(4, coefficients(r1cs));
  file.section(5, await g1.multiply(a));
  file.section(6, await g1.multiply(b));
  file.section(7, await g2.multiply(b));
  file.section(8, await g1.multiply(combined.slice(firstPrivate)));
  file.section(9, await g1.multiply(quotient));
  file.section(WARNING_SECTION, utf8ToBytes(WARNING));
  return file.toBytes("zkey", 1);
}

/** Their number, then matrix, row, signal and value of each entry of A and B. */
function coefficients({ constraints, publicCount }: R1cs): Uint8Array {
  const terms = constraints.reduce((sum, { a, b }) => sum + a.length + b.length, publicCount + 1);
  const bytes = new Uint8Array(4 + terms * COEFFICIENT_BYTES);
  bytes.set(u32(terms));
  let at = 4;
  const push = (matrix: number, row: number, signal: number, coefficient: bigint): void => {
    bytes.set(u32(matrix, row, signal), at);
    bytes.set(element((coefficient * COEFFICIENT_SCALE) % FIELD_ORDER), at + 12);
    at += COEFFICIENT_BYTES;
  };
  constraints.forEach(({ a, b }, row) => {
    for (const { signal, coefficient } of a) push(0, row, signal, coefficient);
    for (const { signal, coefficient } of b) push(1, row, signal, coefficient);
  });
  for (let signal = 0; signal <= publicCount; signal++) push(0, constraints.length + signal, signal, 1n);
  return bytes;
}

function trapdoor(seed: Uint8Array, label: string): bigint {
  const digest = sha3_512(concatBytes(utf8ToBytes(`glassbox insecure development set-up ${label}`), seed));
  return BigInt(`0x${Buffer.from(digest).toString("hex")}`) % FIELD_ORDER;
}

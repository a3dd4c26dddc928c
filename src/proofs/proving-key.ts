import { readFile } from "node:fs/promises";

import { ensureInput } from "../core/errors.ts";
import { FIELD_ORDER, inverse } from "./field.ts";

/** The points of one query of a proving key that are not at infinity, and the signals they belong to. */
export interface Query {
  readonly signals: Uint32Array;
  /** Affine, one after the other. */
  readonly points: Uint8Array;
}

/** One entry of the matrices A and B: row, signal and value. */
export interface MatrixEntries {
  readonly rows: Uint32Array;
  readonly signals: Uint32Array;
  readonly values: readonly bigint[];
}

/** A Groth16 proving key in memory. */
export interface ProvingKey {
  readonly signalCount: number;
  readonly publicCount: number;
  readonly domain: number;
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  readonly matrices: readonly [MatrixEntries, MatrixEntries];
  readonly a: Query;
  readonly b1: Query;
  readonly b2: Query;
  /** Of the private signals. */
  readonly c: Query;
  /** A point for each row of the domain. */
  readonly h: Uint8Array;
}

const FIELD_BYTES = 32;
const G1_BYTES = 2 * FIELD_BYTES;
const G2_BYTES = 2 * G1_BYTES;
const ENTRY_BYTES = 12 + FIELD_BYTES;
/** Values of the matrices are stored multiplied twice by the Montgomery radix. */
const UNSCALE = inverse(2n ** 512n);

/**
 * Reads a proving key of snarkjs' format.
 * @throws GlassboxError `PROOFS_ZKEY_INVALID`
 */
export async function readProvingKey(path: string): Promise<ProvingKey> {
  const file = await readFile(path);
  const section = sectionsOf(file);
  const header = section(2);
  let at = 4 + FIELD_BYTES + 4 + FIELD_BYTES;
  const [signalCount, publicCount, domain] = [0, 4, 8].map((offset) => header.readUInt32LE(at + offset)) as [
    number,
    number,
    number,
  ];
  at += 12;
  const point = (bytes: number): Uint8Array => {
    const start = at;
    at += bytes;
    return Uint8Array.from(header.subarray(start, at));
  };
  const [alpha1, beta1, beta2] = [point(G1_BYTES), point(G1_BYTES), point(G2_BYTES)];
  // gamma2 is for verifiers.
  point(G2_BYTES);
  const [delta1, delta2] = [point(G1_BYTES), point(G2_BYTES)];
  return {
    ...{ signalCount, publicCount, domain, alpha1, beta1, beta2, delta1, delta2 },
    matrices: matricesOf(section(4)),
    a: queryOf(section(5), G1_BYTES, 0),
    b1: queryOf(section(6), G1_BYTES, 0),
    b2: queryOf(section(7), G2_BYTES, 0),
    c: queryOf(section(8), G1_BYTES, publicCount + 1),
    h: Uint8Array.from(section(9)),
  };
}

function sectionsOf(file: Buffer): (id: number) => Buffer {
  ensureInput(file.toString("latin1", 0, 4) === "zkey", "PROOFS_ZKEY_INVALID", "not a proving key");
  const sections = new Map<number, Buffer>();
  let at = 12;
  for (let rest = file.readUInt32LE(8); rest > 0; rest--) {
    const length = Number(file.readBigUInt64LE(at + 4));
    sections.set(file.readUInt32LE(at), file.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return (id) => {
    const found = sections.get(id);
    ensureInput(found !== undefined, "PROOFS_ZKEY_INVALID", `section ${id} is missing`);
    return found;
  };
}

function matricesOf(section: Buffer): [MatrixEntries, MatrixEntries] {
  const count = section.readUInt32LE(0);
  const known = new Map<string, bigint>();
  const matrices = [0, 1].map(() => ({ rows: [] as number[], signals: [] as number[], values: [] as bigint[] }));
  for (let i = 0; i < count; i++) {
    const at = 4 + i * ENTRY_BYTES;
    const matrix = matrices[section.readUInt32LE(at)];
    const bytes = section.subarray(at + 12, at + ENTRY_BYTES);
    const name = bytes.toString("latin1");
    // Few values occur, most of them often: one bigint each saves memory.
    const value = known.get(name) ?? (littleEndian(bytes) * UNSCALE) % FIELD_ORDER;
    known.set(name, value);
    matrix?.rows.push(section.readUInt32LE(at + 4));
    matrix?.signals.push(section.readUInt32LE(at + 8));
    matrix?.values.push(value);
  }
  return matrices.map(({ rows, signals, values }) => ({
    rows: Uint32Array.from(rows),
    signals: Uint32Array.from(signals),
    values,
  })) as unknown as [MatrixEntries, MatrixEntries];
}

function queryOf(section: Buffer, pointBytes: number, firstSignal: number): Query {
  const signals: number[] = [];
  for (let i = 0; i * pointBytes < section.length; i++) {
    if (section.subarray(i * pointBytes, (i + 1) * pointBytes).some((byte) => byte !== 0))
      signals.push(firstSignal + i);
  }
  const points = new Uint8Array(signals.length * pointBytes);
  signals.forEach((signal, i) => {
    const at = (signal - firstSignal) * pointBytes;
    points.set(section.subarray(at, at + pointBytes), i * pointBytes);
  });
  return { signals: Uint32Array.from(signals), points };
}

function littleEndian(bytes: Buffer): bigint {
  let value = 0n;
  for (let limb = 3; limb >= 0; limb--) value = (value << 64n) | bytes.readBigUInt64LE(8 * limb);
  return value;
}

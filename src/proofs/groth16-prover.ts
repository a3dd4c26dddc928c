import { randomBytes } from "node:crypto";

import type { Curve, Group, Point } from "ffjavascript";

import { ensureInput } from "../core/errors.ts";
import { element } from "./binary-writer.ts";
import { FIELD_ORDER, reduce } from "./field.ts";
import type { MatrixEntries, ProvingKey, Query } from "./proving-key.ts";
import type { ProofWords } from "./verifying-key.ts";

const FIELD_BYTES = 32;
const SMALL_BYTES = 4;
const SMALL = 2n ** 32n;

/** Places in a query, and what their points are multiplied by. */
interface Terms {
  readonly places: number[];
  readonly scalars: bigint[];
}

/**
 * Proves by Groth16 (https://eprint.iacr.org/2016/260, section 3.2) on one thread. Most signals of our circuits are bits or small: those of 0 are left out, those
 * of 1 added, so that the expensive multi-exponentiations are of the few others; points at infinity are dropped when the key is read.
 * @param witness the values of all signals, the constant 1 first
 * @throws GlassboxError `PROOFS_WITNESS_INVALID` for a witness of another length
 */
export async function proveGroth16(key: ProvingKey, curve: Curve, witness: readonly bigint[]): Promise<ProofWords> {
  const expected = key.signalCount;
  ensureInput(
    witness.length === expected,
    "PROOFS_WITNESS_INVALID",
    `the key is for ${expected} signals, the witness has ${witness.length}`,
  );
  const { G1, G2 } = curve;
  const [r, s] = [randomScalar(), randomScalar()];
  const times = (group: Group, point: Point, scalar: bigint): Point => group.timesScalar(point, element(scalar));
  const sum = (group: Group, ...points: Point[]): Point => points.reduce((total, point) => group.add(total, point));

  const a = sum(G1, await combine(G1, key.a, witness), key.alpha1, times(G1, key.delta1, r));
  const b1 = sum(G1, await combine(G1, key.b1, witness), key.beta1, times(G1, key.delta1, s));
  const b2 = sum(G2, await combine(G2, key.b2, witness), key.beta2, times(G2, key.delta2, s));
  const quotient = await G1.multiExpAffine(key.h, await quotientScalars(key, curve, witness));
  const c = sum(
    G1,
    await combine(G1, key.c, witness),
    quotient,
    times(G1, a, s),
    times(G1, b1, r),
    times(G1, key.delta1, reduce(-r * s)),
  );
  const [ax, ay] = G1.toObject(G1.toAffine(a)) as [bigint, bigint];
  const [[bxr, bxi], [byr, byi]] = G2.toObject(G2.toAffine(b2)) as [[bigint, bigint], [bigint, bigint]];
  const [cx, cy] = G1.toObject(G1.toAffine(c)) as [bigint, bigint];
  return [ax, ay, bxi, bxr, byi, byr, cx, cy];
}

/**
 * The sum of witness value times point over a query. Values near 0, on either side, are multiplied by scalars of few bytes.
 */
async function combine(group: Group, query: Query, witness: readonly bigint[]): Promise<Point> {
  const [large, positive, negative] = [noTerms(), noTerms(), noTerms()];
  const add = ({ places, scalars }: Terms, place: number, scalar: bigint): void => {
    places.push(place);
    scalars.push(scalar);
  };
  let sum = group.zero;
  query.signals.forEach((signal, place) => {
    const value = witness[signal] as bigint;
    if (value === 1n) sum = group.add(sum, pointAt(query, place));
    else if (value === 0n) return;
    else if (value < SMALL) add(positive, place, value);
    else if (FIELD_ORDER - value < SMALL) add(negative, place, FIELD_ORDER - value);
    else add(large, place, value);
  });
  sum = group.add(sum, await multiply(group, query, large, FIELD_BYTES));
  sum = group.add(sum, await multiply(group, query, positive, SMALL_BYTES));
  return group.sub(sum, await multiply(group, query, negative, SMALL_BYTES));
}

function noTerms(): Terms {
  return { places: [], scalars: [] };
}

function pointAt({ signals, points }: Query, place: number): Uint8Array {
  const pointBytes = points.length / signals.length;
  return points.subarray(place * pointBytes, (place + 1) * pointBytes);
}

/** The sum of scalar times point, of scalars that fit so many bytes. */
async function multiply(group: Group, query: Query, { places, scalars }: Terms, scalarBytes: number): Promise<Point> {
  if (places.length === 0) return group.zero;
  const pointBytes = query.points.length / query.signals.length;
  const bases = new Uint8Array(places.length * pointBytes);
  const bytes = new Uint8Array(places.length * scalarBytes);
  places.forEach((place, i) => {
    bases.set(pointAt(query, place), i * pointBytes);
    let rest = scalars[i] as bigint;
    for (let at = i * scalarBytes; rest > 0n; at++, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  });
  return group.multiExpAffine(bases, bytes);
}

/** (A B - C) at the odd points of the doubled domain, where the key's last query has its points. */
async function quotientScalars(key: ProvingKey, { Fr }: Curve, witness: readonly bigint[]): Promise<Uint8Array> {
  const { domain, matrices } = key;
  const a = rowsOf(matrices[0], domain, witness);
  const b = rowsOf(matrices[1], domain, witness);
  const c = a.map((value, row) => (value * (b[row] as bigint)) % FIELD_ORDER);
  const shift = Fr.w[Math.log2(domain) + 1] as Uint8Array;
  const shifted = async (rows: readonly bigint[]): Promise<DataView> => {
    const values = new DataView(new ArrayBuffer(domain * FIELD_BYTES));
    rows.forEach((value, row) => {
      setValue(values, row, value);
    });
    const coefficients = await Fr.ifft(await Fr.batchToMontgomery(new Uint8Array(values.buffer)));
    const moved = await Fr.batchFromMontgomery(await Fr.fft(await Fr.batchApplyKey(coefficients, Fr.one, shift)));
    return new DataView(moved.buffer, moved.byteOffset, moved.byteLength);
  };
  const [atA, atB, atC] = [await shifted(a), await shifted(b), await shifted(c)];
  const scalars = new DataView(new ArrayBuffer(domain * FIELD_BYTES));
  for (let row = 0; row < domain; row++) {
    setValue(scalars, row, reduce(valueAt(atA, row) * valueAt(atB, row) - valueAt(atC, row)));
  }
  return new Uint8Array(scalars.buffer);
}

/** A matrix times the witness. */
function rowsOf({ rows, signals, values }: MatrixEntries, domain: number, witness: readonly bigint[]): bigint[] {
  const sums = new Array<bigint>(domain).fill(0n);
  for (let i = 0; i < rows.length; i++) {
    const value = witness[signals[i] as number] as bigint;
    if (value === 0n) continue;
    const row = rows[i] as number;
    const entry = values[i] as bigint;
    sums[row] = (sums[row] as bigint) + (value === 1n ? entry : value * entry);
  }
  return sums.map((sum) => sum % FIELD_ORDER);
}

function valueAt(values: DataView, row: number): bigint {
  let value = 0n;
  for (let limb = 3; limb >= 0; limb--)
    value = (value << 64n) | values.getBigUint64(row * FIELD_BYTES + 8 * limb, true);
  return value;
}

function setValue(values: DataView, row: number, value: bigint): void {
  let rest = value;
  for (let limb = 0; rest > 0n; limb++, rest >>= 64n) {
    values.setBigUint64(row * FIELD_BYTES + 8 * limb, BigInt.asUintN(64, rest), true);
  }
}

/** A uniformly random element: 512 bits are reduced, so that no bias is left. */
function randomScalar(): bigint {
  return BigInt(`0x${randomBytes(64).toString("hex")}`) % FIELD_ORDER;
}

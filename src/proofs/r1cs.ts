import { readFile } from "node:fs/promises";

import { ensureInput } from "../core/errors.ts";

/** One term of a linear combination. */
export interface Term {
  readonly signal: number;
  readonly coefficient: bigint;
}

/** A rank-1 constraint system: (a . w) * (b . w) = c . w for each constraint, where w[0] = 1 and the public signals follow. */
export interface R1cs {
  readonly signalCount: number;
  readonly publicCount: number;
  readonly constraints: readonly { readonly a: Term[]; readonly b: Term[]; readonly c: Term[] }[];
}

const HEADER_SECTION = 1;
const CONSTRAINT_SECTION = 2;
const FIELD_BYTES = 32;

/** The sizes of a constraint system. */
export interface R1csHeader {
  readonly signalCount: number;
  readonly publicCount: number;
  readonly constraintCount: number;
}

/**
 * Reads the compiler's binary format (https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md).
 * @throws GlassboxError `PROOFS_R1CS_INVALID`
 */
export async function readR1cs(path: string): Promise<R1cs> {
  const file = await readFile(path);
  const sections = sectionStarts(file);
  const { signalCount, publicCount, constraintCount } = header(file, sections);
  const body = new Reader(file, sections.get(CONSTRAINT_SECTION));
  const constraints = Array.from({ length: constraintCount }, () => ({
    a: body.terms(),
    b: body.terms(),
    c: body.terms(),
  }));
  return { signalCount, publicCount, constraints };
}

/**
 * Reads only the sizes.
 * @throws GlassboxError `PROOFS_R1CS_INVALID`
 */
export async function readR1csHeader(path: string): Promise<R1csHeader> {
  const file = await readFile(path);
  return header(file, sectionStarts(file));
}

function header(file: Buffer, sections: ReadonlyMap<number, number>): R1csHeader {
  const reader = new Reader(file, sections.get(HEADER_SECTION));
  ensureInput(reader.u32() === FIELD_BYTES, "PROOFS_R1CS_INVALID", "not over a 32-byte field");
  reader.skip(FIELD_BYTES);
  const signalCount = reader.u32();
  const publicCount = reader.u32() + reader.u32();
  reader.skip(4 + 8);
  return { signalCount, publicCount, constraintCount: reader.u32() };
}

function sectionStarts(file: Buffer): Map<number, number> {
  ensureInput(file.toString("latin1", 0, 4) === "r1cs", "PROOFS_R1CS_INVALID", "not a constraint system file");
  const starts = new Map<number, number>();
  let position = 12;
  for (let rest = file.readUInt32LE(8); rest > 0; rest--) {
    starts.set(file.readUInt32LE(position), position + 12);
    position += 12 + Number(file.readBigUInt64LE(position + 4));
  }
  return starts;
}

class Reader {
  readonly #file: Buffer;
  #position: number;

  constructor(file: Buffer, position: number | undefined) {
    ensureInput(position !== undefined, "PROOFS_R1CS_INVALID", "a section is missing");
    this.#file = file;
    this.#position = position;
  }

  skip(bytes: number): void {
    this.#position += bytes;
  }

  u32(): number {
    const value = this.#file.readUInt32LE(this.#position);
    this.#position += 4;
    return value;
  }

  terms(): Term[] {
    return Array.from({ length: this.u32() }, () => ({ signal: this.u32(), coefficient: this.#element() }));
  }

  #element(): bigint {
    let value = 0n;
    for (let limb = 3; limb >= 0; limb--)
      value = (value << 64n) | this.#file.readBigUInt64LE(this.#position + 8 * limb);
    this.#position += FIELD_BYTES;
    return value;
  }
}

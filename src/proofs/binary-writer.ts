/** Builds a file of numbered sections as iden3's tools read it: magic, version, then (id, length, bytes) each. */
export class SectionFile {
  readonly #parts: Buffer[] = [];
  #sections = 0;

  section(id: number, ...parts: readonly Uint8Array[]): void {
    const header = Buffer.alloc(12);
    header.writeUInt32LE(id, 0);
    header.writeBigUInt64LE(BigInt(parts.reduce((sum, part) => sum + part.length, 0)), 4);
    this.#parts.push(header, ...parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.length)));
    this.#sections++;
  }

  toBytes(magic: string, version: number): Uint8Array {
    const header = Buffer.alloc(12);
    header.write(magic, 0, "latin1");
    header.writeUInt32LE(version, 4);
    header.writeUInt32LE(this.#sections, 8);
    return Buffer.concat([header, ...this.#parts]);
  }
}

/** 32-bit little-endian numbers one after the other. */
export function u32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
  return bytes;
}

/** A field element as 32 little-endian bytes. */
export function element(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(32);
  for (let limb = 0; limb < 4; limb++) bytes.writeBigUInt64LE(BigInt.asUintN(64, value >> BigInt(64 * limb)), 8 * limb);
  return bytes;
}

/** Bytes that differ from leaf to leaf and from segment to segment. */
export function variedFile(byteLength: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + (i >> 8) * 13 + (i >> 16) * 101 + salt) & 255);
}

export const WAD = 10n ** 18n;
export const RAY = 10n ** 27n;
export const NOBODY = "0x0000000000000000000000000000000000000000";

/** What a deployment fixes for ever. */
export interface Terms {
  readonly delaySeconds: bigint;
  readonly epochSeconds: bigint;
  readonly dripEpochs: bigint;
  readonly guardian: string;
}

/** The clock that all parts of the model share, in seconds. */
export interface Clock {
  now: bigint;
}

export const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
export const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** The entry of a map, made on first use. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}

declare module "ffjavascript" {
  /** An encoded point: affine (two coordinates) or Jacobian (three), in Montgomery form. */
  export type Point = Uint8Array;

  export interface Group {
    readonly F: { readonly n8: number };
    readonly zero: Point;
    readonly g: Point;
    readonly gAffine: Point;
    add(a: Point, b: Point): Point;
    sub(a: Point, b: Point): Point;
    neg(a: Point): Point;
    isZero(a: Point): boolean;
    isValid(a: Point): boolean;
    timesScalar(a: Point, scalar: Uint8Array): Point;
    batchToAffine(points: Uint8Array): Promise<Uint8Array>;
    toAffine(a: Point): Point;
    toObject(a: Point): unknown;
    /** Sum of scalar times point; scalars are little-endian, as many bytes each as their length says. */
    multiExpAffine(points: Uint8Array, scalars: Uint8Array): Promise<Point>;
    fromObject(coordinates: unknown): Point;
  }

  export interface Curve {
    readonly Fr: {
      readonly one: Uint8Array;
      /** Primitive roots of unity: w[k] of order 2^k. */
      readonly w: readonly Uint8Array[];
      toObject(element: Uint8Array): bigint;
      fft(values: Uint8Array): Promise<Uint8Array>;
      ifft(values: Uint8Array): Promise<Uint8Array>;
      /** values[i] * first * factor^i. */
      batchApplyKey(values: Uint8Array, first: Uint8Array, factor: Uint8Array): Promise<Uint8Array>;
      batchToMontgomery(values: Uint8Array): Promise<Uint8Array>;
      batchFromMontgomery(values: Uint8Array): Promise<Uint8Array>;
    };
    readonly G1: Group;
    readonly G2: Group;
    /** Whether the product of the pairings of these points, G1 and G2 in turn, is 1. */
    pairingEq(...points: Point[]): Promise<boolean>;
    /** Ends the threads that a curve with several has. */
    terminate(): Promise<void>;
  }

  export function buildBn128(singleThread?: boolean): Promise<Curve>;
}

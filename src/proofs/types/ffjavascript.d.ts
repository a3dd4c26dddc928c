declare module "ffjavascript" {
  /** An encoded point: affine (two coordinates) or Jacobian (three), in Montgomery form. */
  export type Point = Uint8Array;

  export interface Group {
    readonly F: { readonly n8: number };
    readonly zero: Point;
    readonly g: Point;
    readonly gAffine: Point;
    add(a: Point, b: Point): Point;
    isZero(a: Point): boolean;
    isValid(a: Point): boolean;
    timesScalar(a: Point, scalar: Uint8Array): Point;
    batchToAffine(points: Uint8Array): Promise<Uint8Array>;
    fromObject(coordinates: unknown): Point;
  }

  export interface Curve {
    readonly Fr: { readonly w: readonly Uint8Array[]; toObject(element: Uint8Array): bigint };
    readonly G1: Group;
    readonly G2: Group;
    /** Ends the threads that a curve with several has. */
    terminate(): Promise<void>;
  }

  export function buildBn128(singleThread?: boolean): Promise<Curve>;
}

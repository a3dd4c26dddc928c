import { LEAF_BYTES } from "./bytes.ts";
import { ensureCheck, ensureInput } from "./errors.ts";

/** The element types of tensors: two's complement, little-endian. */
export type ElementType = "i8" | "u8" | "i16" | "i32" | "i64";

/** What the elements of a tensor are held in, per element type. */
export interface ElementArrays {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly i64: BigInt64Array;
}

/** Row-major elements without padding. */
export type Elements = ElementArrays[ElementType];

/** Type and shape; they come from the program, never from the bytes. */
export interface TensorShape<Type extends ElementType = ElementType> {
  readonly type: Type;
  readonly rows: number;
  readonly columns: number;
}

const ARRAYS = { i8: Int8Array, u8: Uint8Array, i16: Int16Array, i32: Int32Array, i64: BigInt64Array } as const;

/** Zeroed elements for `count` elements of a type. */
export function allocateElements<Type extends ElementType>(type: Type, count: number): ElementArrays[Type] {
  return new ARRAYS[type](count) as ElementArrays[Type];
}

/** `count` elements of a type that lie in a buffer. */
export function elementsAt<Type extends ElementType>(
  type: Type,
  buffer: ArrayBuffer,
  byteOffset: number,
  count: number,
): ElementArrays[Type] {
  return new ARRAYS[type](buffer, byteOffset, count) as ElementArrays[Type];
}

/** Bytes of one element. */
export function elementBytes(type: ElementType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** The least power of two that is not below `value`, also beyond 32 bits. */
export function nextPowerOfTwo(value: number): number {
  if (value <= 2 ** 31) return value <= 1 ? 1 : 2 ** (32 - Math.clz32(value - 1));
  let power = 2 ** 32;
  while (power < value) power *= 2;
  return power;
}

/** Bytes from one row to the next: a power of two, so that a row is a sub-tree or a power-of-two fraction of a leaf. */
export function rowStrideBytes(shape: TensorShape): number {
  return nextPowerOfTwo(shape.columns * elementBytes(shape.type));
}

/** Bytes of the tensor as a file: a power of two, at least one leaf. Rows are padded to a power of two with zero rows. */
export function tensorBytes(shape: TensorShape): number {
  return Math.max(LEAF_BYTES, rowStrideBytes(shape) * nextPowerOfTwo(shape.rows));
}

/** Where an element lies in the tensor's file, in bytes. */
export function elementOffset(shape: TensorShape, row: number, column: number): number {
  return row * rowStrideBytes(shape) + column * elementBytes(shape.type);
}

/**
 * The file of a tensor.
 * @throws GlassboxError `TENSOR_LENGTH_MISMATCH` if `elements` is not rows x columns of the shape's type.
 */
export function encodeTensor(shape: TensorShape, elements: Elements): Uint8Array<ArrayBuffer> {
  const count = shape.rows * shape.columns;
  ensureInput(
    elements instanceof ARRAYS[shape.type] && elements.length === count,
    "TENSOR_LENGTH_MISMATCH",
    `expected ${count} ${shape.type} elements, got ${elements.length} in ${elements.constructor.name}`,
  );
  const file = new Uint8Array(tensorBytes(shape));
  const stride = rowStrideBytes(shape);
  const rowBytes = shape.columns * elementBytes(shape.type);
  const source = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  for (let row = 0; row < shape.rows; row++) {
    file.set(source.subarray(row * rowBytes, (row + 1) * rowBytes), row * stride);
  }
  return file;
}

/**
 * The elements of a tensor's file.
 * @throws GlassboxError `TENSOR_LENGTH_MISMATCH` for a file of another length, `TENSOR_PADDING_NOT_ZERO` for a byte other than 0 outside the shape.
 */
export function decodeTensor<Type extends ElementType>(
  shape: TensorShape<Type>,
  file: Uint8Array,
): ElementArrays[Type] {
  const elements = readTensor(shape, file);
  const stride = rowStrideBytes(shape);
  const rowBytes = shape.columns * elementBytes(shape.type);
  for (let row = 0; row < shape.rows; row++) ensureZero(file, row * stride + rowBytes, (row + 1) * stride);
  ensureZero(file, shape.rows * stride, file.length);
  return elements;
}

/**
 * The elements of a tensor's file, whatever stands outside the shape.
 * @throws GlassboxError `TENSOR_LENGTH_MISMATCH` for a file of another length.
 */
export function readTensor<Type extends ElementType>(shape: TensorShape<Type>, file: Uint8Array): ElementArrays[Type] {
  const expected = tensorBytes(shape);
  ensureInput(
    file.length === expected,
    "TENSOR_LENGTH_MISMATCH",
    `expected a tensor of ${expected} bytes, got ${file.length}`,
  );
  const stride = rowStrideBytes(shape);
  const rowBytes = shape.columns * elementBytes(shape.type);
  const elements = allocateElements(shape.type, shape.rows * shape.columns);
  const target = new Uint8Array(elements.buffer);
  for (let row = 0; row < shape.rows; row++) {
    target.set(file.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  }
  return elements;
}

/** Where each tensor of a set lies in the set's file, and the file's length; see {@link encodeTensorSet}. */
export interface TensorSetLayout {
  readonly offsets: readonly number[];
  readonly byteLength: number;
}

/** Layout of a set of tensors in one file: in descending size, ties in the given order, so each is aligned to its own size. */
export function tensorSetLayout(shapes: readonly TensorShape[]): TensorSetLayout {
  const order = shapes.map((_, index) => index).sort((a, b) => sizeOf(shapes, b) - sizeOf(shapes, a) || a - b);
  const offsets = new Array<number>(shapes.length);
  let byteLength = 0;
  for (const index of order) {
    offsets[index] = byteLength;
    byteLength += sizeOf(shapes, index);
  }
  return { offsets, byteLength };
}

/** The file of a set of tensors, like the weights of a model. `elements[i]` belongs to `shapes[i]`. */
export function encodeTensorSet(
  shapes: readonly TensorShape[],
  elements: readonly Elements[],
): Uint8Array<ArrayBuffer> {
  ensureInput(
    shapes.length === elements.length,
    "TENSOR_SET_MISMATCH",
    `expected ${shapes.length} tensors, got ${elements.length}`,
  );
  const layout = tensorSetLayout(shapes);
  const file = new Uint8Array(layout.byteLength);
  shapes.forEach((shape, index) => {
    file.set(encodeTensor(shape, elements[index] as Elements), layout.offsets[index]);
  });
  return file;
}

/** The tensors of a set's file, in the order of `shapes`. */
export function decodeTensorSet(shapes: readonly TensorShape[], file: Uint8Array): Elements[] {
  const layout = tensorSetLayout(shapes);
  ensureInput(
    file.length === layout.byteLength,
    "TENSOR_SET_MISMATCH",
    `expected a set of ${layout.byteLength} bytes, got ${file.length}`,
  );
  return shapes.map((shape, index) => {
    const offset = layout.offsets[index] as number;
    return decodeTensor(shape, file.subarray(offset, offset + tensorBytes(shape)));
  });
}

function sizeOf(shapes: readonly TensorShape[], index: number): number {
  return tensorBytes(shapes[index] as TensorShape);
}

function ensureZero(file: Uint8Array, from: number, to: number): void {
  let position = from;
  while (position < to && file[position] === 0) position++;
  ensureCheck(position >= to, "TENSOR_PADDING_NOT_ZERO", `byte ${position} lies outside the shape and is not 0`);
}

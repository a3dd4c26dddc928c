import { OPERATIONS_MODULE } from "./generated/operations.ts";

/** Codes of the element types that kernels know. */
export const TYPE_CODES = { i8: 0, u8: 1, i16: 2, i32: 3 } as const;

/** Bytes at the end of each tensor that belong to nobody: kernels read, but never write, so far beyond the last element. */
const SLACK_BYTES = 16;
const PAGE_BYTES = 65_536;

/**
 * The functions of the module; see `assembly/`. Addresses are bytes of the module's memory, types the codes above. Nothing is checked: a program's
 * validation has bounded shapes and values, and whoever binds a kernel takes the addresses from a {@link KernelMemory}.
 */
export interface Kernels {
  addRow(row: number, type: number, out: number, rows: number, columns: number): void;
  addTerm(x: number, type: number, out: number, count: number, isFirst: number): void;
  argmax(x: number, type: number, out: number, rows: number, columns: number): void;
  chain(sums: number, blocks: number, count: number, shift: number): void;
  fold(x: number, pixel: number, out: number, images: number, height: number, width: number, kernel: number): void;
  gate(x: number, type: number, activation: number, activationType: number, out: number, count: number): void;
  maxPool(x: number, type: number, out: number, rows: number, groups: number, channels: number): void;
  multiplyRows(a: number, b: number, out: number, m: number, n: number, inner: number, length: number): void;
  multiplyTiles(
    a: number,
    b: number,
    out: number,
    m: number,
    n: number,
    pairs: number,
    weights: number,
    shift: number,
    lowest: number,
    highest: number,
  ): void;
  multiplyWindows(
    image: number,
    b: number,
    out: number,
    down: number,
    across: number,
    n: number,
    line: number,
    pixel: number,
    kernel: number,
    run: number,
    stride: number,
  ): void;
  packImage(
    x: number,
    type: number,
    out: number,
    height: number,
    width: number,
    channels: number,
    padding: number,
  ): void;
  packRows(x: number, type: number, out: number, rows: number, columns: number): void;
  packTiles(x: number, type: number, out: number, rows: number, columns: number, width: number): void;
  poolGradient(
    gradient: number,
    type: number,
    x: number,
    xType: number,
    out: number,
    rows: number,
    groups: number,
    channels: number,
  ): void;
  requantise(
    x: number,
    xType: number,
    out: number,
    outType: number,
    count: number,
    multiplier: number,
    shift: number,
    lowest: number,
    highest: number,
  ): void;
  rotate(x: number, elementBytes: number, out: number, outputs: number, area: number, inputs: number): void;
  setColumn(
    x: number,
    elementBytes: number,
    out: number,
    rows: number,
    columns: number,
    column: number,
    value: number,
  ): void;
  softmaxGradient(
    logits: number,
    type: number,
    labels: number,
    table: number,
    tableLength: number,
    out: number,
    outType: number,
    rows: number,
    columns: number,
  ): void;
  transpose(x: number, elementBytes: number, out: number, rows: number, columns: number): void;
  unfold(
    x: number,
    pixel: number,
    out: number,
    images: number,
    height: number,
    width: number,
    kernel: number,
    stride: number,
    padding: number,
  ): void;
  update(
    weights: number,
    type: number,
    gradient: number,
    gradientType: number,
    out: number,
    count: number,
    shift: number,
    lowest: number,
    highest: number,
  ): void;
}

const module = new WebAssembly.Module(Buffer.from(OPERATIONS_MODULE, "base64"));

/** Lays out a memory piece by piece; then there is one, with kernels that work in it. */
export class KernelMemory {
  #byteLength = PAGE_BYTES;

  /** Bytes so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** The address of the next `bytes` bytes, a multiple of 16. The first page is the module's own. */
  place(bytes: number): number {
    const address = this.#byteLength;
    this.#byteLength += Math.ceil(bytes / 16) * 16 + SLACK_BYTES;
    return address;
  }

  /** The memory as laid out, all zeros. */
  create(): { readonly buffer: ArrayBuffer; readonly kernels: Kernels } {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(this.#byteLength / PAGE_BYTES) });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { buffer: memory.buffer, kernels: exports as unknown as Kernels };
  }
}

import type { Elements } from "../core/tensor.ts";
import { ensureInvariant } from "../core/errors.ts";
import type { OperationEntry, Program, TensorEntry } from "./program.ts";
import { TYPE_CODES, type Kernels } from "./wasm/kernels.ts";

/** An operation with the entries it names, for checking. */
export interface OperationSite {
  readonly program: Program;
  readonly operation: OperationEntry;
  readonly output: TensorEntry;
  readonly operands: readonly TensorEntry[];
}

/** A tensor in memory. `elements` changes between runs, so operations read it when they run. */
export interface MemoryTensor {
  readonly entry: TensorEntry;
  readonly rows: number;
  readonly columns: number;
  /** Elements from one row to the next. Only `gather` meets rows with padding. */
  stride: number;
  /** True if it lies in the memory of the kernels, where it stays. */
  readonly isResident: boolean;
  elements: Elements;
}

/** What a run takes from its job besides tensors. */
export interface RunScope {
  readonly seed: Uint8Array;
  readonly samples: number;
  /** Place in the job's sequence of samples of the step's first one. */
  position: number;
}

/** An operation with its tensors, for running. */
export interface OperationBinding {
  readonly operation: OperationEntry;
  readonly output: MemoryTensor;
  readonly operands: readonly MemoryTensor[];
  readonly scope: RunScope;
}

/** The fast face of an operation, over tensors that lie in the memory of the kernels: of static shapes and at most 32 bits. */
export interface KernelFace {
  /** Bytes that a run needs besides its tensors. */
  scratchBytes?(operands: readonly TensorEntry[]): number;
  /** As `bind` of the operation, to the same bits. `scratch` is the address of memory that no other operation needs meanwhile. */
  bind(binding: OperationBinding, kernels: Kernels, scratch: number): () => void;
}

/** One instruction. */
export interface Operation {
  /** Operands it takes, at least and at most. */
  readonly arity: readonly [number, number];
  /** Parameters it uses; all others must be 0. */
  readonly parameters: readonly ("shift" | "multiplier" | "first" | "second")[];
  /** Throws a named error unless the shapes, types and bounds make every element judgeable and free of overflow. */
  check(site: OperationSite): void;
  /** Prepares one run after another over the same tensors. */
  bind(binding: OperationBinding): () => void;
  readonly kernel?: KernelFace;
}

/** Elements of at most 32 bits. */
export type NarrowElements = Int8Array | Uint8Array | Int16Array | Int32Array;

/** Operand `index`, which `check` has made sure is there. */
export function operand(binding: OperationBinding, index: number): MemoryTensor {
  const tensor = binding.operands[index];
  ensureInvariant(tensor !== undefined, "COMPUTE_OPERAND_MISSING", `operand ${index} is missing`);
  return tensor;
}

/** Elements of a tensor whose type `check` has limited to 32 bits. */
export function narrow(tensor: MemoryTensor): NarrowElements {
  const { elements } = tensor;
  ensureInvariant(!(elements instanceof BigInt64Array), "COMPUTE_TYPE_UNEXPECTED", "expected elements of 32 bits");
  return elements;
}

/** Elements of a tensor that `check` has made sure is i64. */
export function wide(tensor: MemoryTensor): BigInt64Array {
  const { elements } = tensor;
  ensureInvariant(elements instanceof BigInt64Array, "COMPUTE_TYPE_UNEXPECTED", "expected elements of 64 bits");
  return elements;
}

/** Bounds as numbers, for elements of at most 32 bits. */
export function bounds(entry: TensorEntry): readonly [number, number] {
  return [Number(entry.lowest), Number(entry.highest)];
}

/** Where a tensor lies in the memory of the kernels. */
export function addressOf(tensor: MemoryTensor): number {
  return tensor.elements.byteOffset;
}

/** The code of an element type that kernels know. */
export function typeCode({ type }: TensorEntry): number {
  ensureInvariant(type !== "i64", "COMPUTE_TYPE_UNEXPECTED", "expected elements of 32 bits");
  return TYPE_CODES[type];
}

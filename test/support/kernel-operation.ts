import { allocateElements, elementBytes, elementsAt, type Elements, type ElementType } from "../../src/core/tensor.ts";
import { TYPE_RANGES } from "../../src/compute/checks.ts";
import type { KernelFace, MemoryTensor, OperationBinding, RunScope } from "../../src/compute/operation.ts";
import { INSTRUCTIONS } from "../../src/compute/operations.ts";
import type { OperationParameters } from "../../src/compute/program-builder.ts";
import type { OperationEntry, OperationName, TensorEntry } from "../../src/compute/program.ts";
import { copyElements } from "../../src/compute/section-memory.ts";
import { KernelMemory } from "../../src/compute/wasm/kernels.ts";

/** A tensor of a random case: its shape, and what its elements are drawn from. */
export interface RandomTensor {
  readonly type: ElementType;
  readonly rows: number;
  readonly columns: number;
  readonly bounds?: readonly [number | bigint, number | bigint];
  readonly elements?: Elements;
}

/** How elements are drawn: the lowest and the highest alone, one of both, anything between, or values around 0. */
export const FILLS = ["lowest", "highest", "extremes", "any", "small"] as const;
export type Fill = (typeof FILLS)[number];

const GARBAGE = 0xa5;
/** What must stay as it is after the end of the memory that a kernel may use. */
const GUARD_BYTES = 256;
const MEMORY_BYTES = 2 ** 20;
const NO_JOB: RunScope = { seed: new Uint8Array(32), samples: 0, position: 0 };
const layout = new KernelMemory();
layout.place(MEMORY_BYTES);
const { buffer, kernels } = layout.create();

/** 32 bits that follow from a seed and a place. */
export function draw(seed: number, place: number): number {
  let x = Math.imul(seed ^ Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Elements within the bounds of a tensor. */
export function drawElements(tensor: RandomTensor, fill: Fill, seed: number): Elements {
  const [lowest, highest] = rangeOf(tensor).map(Number) as [number, number];
  const elements = allocateElements(tensor.type, tensor.rows * tensor.columns);
  for (let i = 0; i < elements.length; i++) elements[i] = valueOf(fill, draw(seed, i), lowest, highest);
  return elements;
}

function valueOf(fill: Fill, random: number, lowest: number, highest: number): number {
  if (fill === "lowest") return lowest;
  if (fill === "highest") return highest;
  if (fill === "extremes") return random & 1 ? lowest : highest;
  if (fill === "small") return Math.min(highest, Math.max(lowest, (random % 7) - 3));
  return lowest + (random % (highest - lowest + 1));
}

/**
 * Runs an operation on its TypeScript face.
 * @param scope what the operation takes from the job, if anything
 * @returns the output's elements
 */
export function runReference(
  name: OperationName,
  operands: readonly RandomTensor[],
  output: RandomTensor,
  parameters: OperationParameters,
  scope = NO_JOB,
): Elements {
  const tensors = [output, ...operands].map((tensor): MemoryTensor => {
    const elements = tensor.elements ?? allocateElements(tensor.type, tensor.rows * tensor.columns);
    return { ...memoryTensor(tensor, elements), isResident: false };
  });
  INSTRUCTIONS[name].bind(bindingOf(name, tensors, parameters, scope))();
  return (tensors[0] as MemoryTensor).elements;
}

/**
 * Runs a kernel over tensors that lie side by side in a memory full of garbage.
 * @returns the output's elements, or undefined if the kernel wrote beside its output and its scratch memory
 */
export function runKernel(
  kernel: KernelFace,
  name: OperationName,
  operands: readonly RandomTensor[],
  output: RandomTensor,
  parameters: OperationParameters,
): Elements | undefined {
  const all = new Uint8Array(buffer);
  const places = new KernelMemory();
  const tensors = [output, ...operands].map((tensor): MemoryTensor => {
    const count = tensor.rows * tensor.columns;
    const place = places.place(count * elementBytes(tensor.type));
    all.fill(GARBAGE, place, places.byteLength);
    const elements = elementsAt(tensor.type, buffer, place, count);
    if (tensor.elements) copyElements(tensor.elements, elements);
    return { ...memoryTensor(tensor, elements), isResident: true };
  });
  const scratch = places.byteLength;
  places.place(kernel.scratchBytes?.(tensors.slice(1).map(({ entry }) => entry)) ?? 0);
  const end = places.byteLength;
  all.fill(GARBAGE, scratch, end + GUARD_BYTES);
  const { elements } = tensors[0] as MemoryTensor;
  const outputEnd = elements.byteOffset + Math.ceil(elements.byteLength / 16) * 16;
  const before = Buffer.from(all.subarray(outputEnd, scratch));
  kernel.bind(bindingOf(name, tensors, parameters, NO_JOB), kernels, scratch)();
  const isBeside =
    before.compare(all.subarray(outputEnd, scratch)) !== 0 ||
    all.subarray(end, end + GUARD_BYTES).some((byte) => byte !== GARBAGE);
  return isBeside ? undefined : elements;
}

function rangeOf({ type, bounds }: RandomTensor): readonly [number | bigint, number | bigint] {
  return bounds ?? TYPE_RANGES[type];
}

function memoryTensor(tensor: RandomTensor, elements: Elements): Omit<MemoryTensor, "isResident"> {
  const { rows, columns } = tensor;
  return { entry: tensorEntry(tensor), rows, columns, stride: columns, elements };
}

/** The entry that a tensor has in a program's table. */
export function tensorEntry(tensor: RandomTensor): TensorEntry {
  const { type, rows, columns } = tensor;
  const [lowest, highest] = rangeOf(tensor);
  return {
    section: "step",
    role: "computed",
    index: 0,
    output: undefined,
    type,
    rows,
    columns,
    rowExtent: "static",
    columnExtent: "static",
    lowest: BigInt(lowest),
    highest: BigInt(highest),
  };
}

function bindingOf(
  name: OperationName,
  tensors: readonly MemoryTensor[],
  parameters: OperationParameters,
  scope: RunScope,
): OperationBinding {
  const [output, ...operands] = tensors as [MemoryTensor, ...MemoryTensor[]];
  return { operation: operationEntry(name, operands.length, parameters), output, operands, scope };
}

/** The entry that an operation has in a program's table, if its output stands first there and its operands follow. */
export function operationEntry(name: OperationName, operands: number, parameters: OperationParameters): OperationEntry {
  return {
    section: "step",
    name,
    output: 0,
    operands: Array.from({ length: operands }, (_, index) => index + 1),
    shift: parameters.shift ?? 0,
    multiplier: parameters.multiplier ?? 0,
    arguments: parameters.arguments ?? [0, 0],
  };
}

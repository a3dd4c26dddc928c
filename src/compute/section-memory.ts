import { allocateElements, elementBytes, elementsAt, readTensor, type Elements } from "../core/tensor.ts";
import type { MemoryTensor } from "./operation.ts";
import type { Program, Section, TensorEntry } from "./program.ts";
import { planSection, type Faces, type PlannedOperation } from "./section-plan.ts";
import { KernelMemory, type Kernels } from "./wasm/kernels.ts";

/** The most memory that kernels get. What takes more is computed without them. */
const MAX_KERNEL_BYTES = 2 ** 30;

/** A tensor of a section with the sizes that the job gives it. */
export interface SizedTensor {
  readonly entry: TensorEntry;
  readonly rows: number;
  readonly columns: number;
}

/** A section's tensors in memory, what is done with them, and the kernels that do it, if any do. */
export interface SectionMemory {
  readonly plan: readonly PlannedOperation[];
  /** By place in the program. A tensor that nothing reads or writes is missing, unless it comes from outside. */
  readonly tensors: ReadonlyMap<number, MemoryTensor>;
  readonly kernels: { readonly functions: Kernels; readonly scratch: number } | undefined;
}

/** Plans a section and allocates its tensors: those that kernels touch in the kernels' memory, the others outside. */
export function allocateSection(
  program: Program,
  section: Section,
  sized: ReadonlyMap<number, SizedTensor>,
  faces: Faces,
): SectionMemory {
  const plan = planSection(program, section, faces);
  const memory = new KernelMemory();
  const touched = plan.flatMap(({ kernel, output, operands }) => (kernel ? [output, ...operands] : []));
  const places = new Map([...new Set(touched)].map((index) => [index, memory.place(bytesOf(sized, index))]));
  const scratchBytes = plan.map(
    ({ kernel, operands }) =>
      kernel?.scratchBytes?.(operands.map((operand) => program.tensors[operand] as TensorEntry)) ?? 0,
  );
  const scratch = memory.place(Math.max(0, ...scratchBytes));
  if (memory.byteLength > MAX_KERNEL_BYTES) return allocateSection(program, section, sized, "reference");
  const created = places.size > 0 ? memory.create() : undefined;
  const used = new Set(plan.flatMap(({ output, operands }) => [output, ...operands]));
  const tensors = new Map<number, MemoryTensor>();
  for (const [index, tensor] of sized) {
    if (tensor.entry.role === "computed" && !used.has(index)) continue;
    const place = places.get(index);
    const isResident = created !== undefined && place !== undefined;
    const count = tensor.rows * tensor.columns;
    const elements = isResident
      ? elementsAt(tensor.entry.type, created.buffer, place, count)
      : allocateElements(tensor.entry.type, tensor.entry.role === "computed" ? count : 0);
    tensors.set(index, {
      ...tensor,
      stride: tensor.columns,
      isResident,
      elements: withConstant(program, index, elements, isResident),
    });
  }
  return { plan, tensors, kernels: created && { functions: created.kernels, scratch } };
}

function bytesOf(sized: ReadonlyMap<number, SizedTensor>, index: number): number {
  const { entry, rows, columns } = sized.get(index) as SizedTensor;
  return rows * columns * elementBytes(entry.type);
}

function withConstant(program: Program, index: number, elements: Elements, isResident: boolean): Elements {
  const file = program.constants.get(index);
  if (file === undefined) return elements;
  const constant = readTensor(program.tensors[index] as TensorEntry, file);
  if (!isResident) return constant;
  copyElements(constant, elements);
  return elements;
}

/** Copies all elements; both have the same type and length. */
export function copyElements(from: Elements, to: Elements): void {
  if (to instanceof BigInt64Array) to.set(from as BigInt64Array);
  else to.set(from as Exclude<Elements, BigInt64Array>);
}

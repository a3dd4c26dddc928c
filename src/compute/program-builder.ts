import type { ElementType } from "../core/tensor.ts";
import { chainReach, chunksIn, sumReach, TYPE_RANGES } from "./checks.ts";
import { placeConstants } from "./program-file.ts";
import {
  SECTIONS,
  type OperationEntry,
  type OperationName,
  type Program,
  type Section,
  type TensorEntry,
} from "./program.ts";

/** What a tensor is, as far as it is not the default: computed, static, with its type's whole range. */
export type TensorSpec = Pick<TensorEntry, "type" | "rows" | "columns"> &
  Partial<Omit<TensorEntry, "section" | "lowest" | "highest">> & {
    readonly bounds?: readonly [number | bigint, number | bigint];
  };

/** Parameters of an operation, as far as it has any. */
export type OperationParameters = Partial<Pick<OperationEntry, "shift" | "multiplier" | "arguments">>;

/** A tensor of a section under construction. */
export interface TensorHandle {
  readonly entry: TensorEntry;
  readonly constant: Uint8Array | undefined;
}

interface PlannedOperation {
  readonly section: Section;
  readonly name: OperationName;
  readonly output: TensorHandle;
  readonly operands: readonly TensorHandle[];
  readonly parameters: OperationParameters;
}

/** Collects one section of a program. */
export class SectionBuilder {
  readonly section: Section;
  readonly tensors: TensorHandle[] = [];
  readonly operations: PlannedOperation[] = [];

  constructor(section: Section) {
    this.section = section;
  }

  /** Adds a tensor that comes from outside, or a constant with its file. */
  tensor(spec: TensorSpec, constant?: Uint8Array): TensorHandle {
    const { bounds, ...given } = spec;
    const [lowest, highest] = bounds ?? TYPE_RANGES[spec.type];
    const entry: TensorEntry = {
      role: "computed",
      index: 0,
      output: undefined,
      rowExtent: "static",
      columnExtent: "static",
      ...given,
      section: this.section,
      lowest: BigInt(lowest),
      highest: BigInt(highest),
    };
    const handle = { entry, constant };
    this.tensors.push(handle);
    return handle;
  }

  /** Adds an operation and the tensor that it writes. */
  operation(
    name: OperationName,
    operands: readonly TensorHandle[],
    output: TensorSpec,
    parameters: OperationParameters = {},
  ): TensorHandle {
    const handle = this.tensor(output);
    this.operations.push({ section: this.section, name, output: handle, operands, parameters });
    return handle;
  }

  /** Adds an i32 product of a with b transposed. Validation refuses it if its sums could overflow. */
  matmul(a: TensorHandle, b: TensorHandle): TensorHandle {
    return this.operation("matmul", [a, b], sumsSpec(a.entry.rows, b.entry.rows, sumReach(a.entry, b.entry)));
  }

  /** As `matmul`, for sums that are longer than one chunk; the sum of each chunk is shifted. */
  accumulate(a: TensorHandle, b: TensorHandle, shift: number): TensorHandle {
    const { rows } = a.entry;
    const spec = sumsSpec(rows * chunksIn(a.entry.columns), b.entry.rows, chainReach(a.entry, b.entry, shift));
    return this.moved("tail", [this.operation("accumulate", [a, b], spec, { shift })], rows, b.entry.rows);
  }

  /** Adds an operation that changes no values: its output has the type and the bounds of its first operand. */
  moved(
    name: OperationName,
    operands: readonly [TensorHandle, ...TensorHandle[]],
    rows: number,
    columns: number,
    args: readonly [number, number] = [0, 0],
  ): TensorHandle {
    const { type, lowest, highest } = operands[0].entry;
    return this.operation(name, operands, { type, rows, columns, bounds: [lowest, highest] }, { arguments: args });
  }

  /** Adds x with a row added to each of its rows, in i32. Validation refuses it if a sum could overflow. */
  addRow(x: TensorHandle, row: TensorHandle): TensorHandle {
    const { rows, columns, lowest, highest } = x.entry;
    const bounds = [lowest + row.entry.lowest, highest + row.entry.highest] as const;
    return this.operation("addRow", [x, row], { type: "i32", rows, columns, bounds });
  }

  /** Adds a transposed copy. */
  transpose(x: TensorHandle): TensorHandle {
    return this.moved("transpose", [x], x.entry.columns, x.entry.rows);
  }

  /** Adds sat(rshr(multiplier * x, shift)). */
  requantise(
    x: TensorHandle,
    type: ElementType,
    bounds: readonly [number, number],
    parameters: { readonly shift: number; readonly multiplier?: number },
    output?: number,
  ): TensorHandle {
    const { rows, columns } = x.entry;
    return this.operation("requantise", [x], { type, rows, columns, bounds, output }, { multiplier: 1, ...parameters });
  }
}

/** Joins sections into a program. */
export function joinSections(
  header: Pick<Program, "parts" | "batch" | "stepsPerPart">,
  sections: readonly SectionBuilder[],
): Program {
  const inOrder = [...sections].sort((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section));
  const handles = inOrder.flatMap((section) => section.tensors);
  const planned = inOrder.flatMap((section) => section.operations);
  const places = new Map(handles.map((handle, index) => [handle, index]));
  const placeOf = (handle: TensorHandle): number => places.get(handle) ?? handles.length;
  const entries = handles.map((handle) => handle.entry);
  const { firstLeaves } = placeConstants(entries, planned.length);
  return {
    parts: header.parts,
    batch: header.batch,
    stepsPerPart: header.stepsPerPart,
    tensors: entries.map((entry, index) => ({ ...entry, index: firstLeaves.get(index) ?? entry.index })),
    operations: planned.map(({ section, name, output, operands, parameters }) => ({
      section,
      name,
      output: placeOf(output),
      operands: operands.map(placeOf),
      shift: parameters.shift ?? 0,
      multiplier: parameters.multiplier ?? 0,
      arguments: parameters.arguments ?? [0, 0],
    })),
    constants: new Map(
      handles.flatMap((handle, index) => (handle.constant === undefined ? [] : [[index, handle.constant] as const])),
    ),
  };
}

/** Sums in 32 bits, whose bounds validation checks. */
function sumsSpec(rows: number, columns: number, reach: bigint): TensorSpec {
  const [, highest] = TYPE_RANGES.i32;
  const bound = reach < highest ? reach : highest;
  return { type: "i32", rows, columns, bounds: [-bound, bound] };
}

import type { ElementType } from "../core/tensor.ts";
import { TYPE_RANGES } from "./checks.ts";
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
    const exact = greatest(a.entry) * greatest(b.entry) * BigInt(a.entry.columns);
    const reach = exact < TYPE_RANGES.i32[1] ? exact : TYPE_RANGES.i32[1];
    const spec = { type: "i32", rows: a.entry.rows, columns: b.entry.rows, bounds: [-reach, reach] } as const;
    return this.operation("matmul", [a, b], spec);
  }

  /** Adds x with a row added to each of its rows, in i32. Validation refuses it if a sum could overflow. */
  addRow(x: TensorHandle, row: TensorHandle): TensorHandle {
    const { rows, columns, lowest, highest } = x.entry;
    const bounds = [lowest + row.entry.lowest, highest + row.entry.highest] as const;
    return this.operation("addRow", [x, row], { type: "i32", rows, columns, bounds });
  }

  /** Adds a transposed copy. */
  transpose(x: TensorHandle): TensorHandle {
    const { type, rows, columns, lowest, highest } = x.entry;
    return this.operation("transpose", [x], { type, rows: columns, columns: rows, bounds: [lowest, highest] });
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

function greatest(entry: TensorEntry): bigint {
  return -entry.lowest > entry.highest ? -entry.lowest : entry.highest;
}

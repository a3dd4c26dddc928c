import { readFileSync } from "node:fs";

import { fromHex } from "../../src/core/bytes.ts";
import { allocateElements, encodeTensor, type Elements } from "../../src/core/tensor.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import { expTableFile } from "../../src/compute/exp-table.ts";
import type { OperationName, Section, TensorEntry } from "../../src/compute/program.ts";
import type { Faces } from "../../src/compute/section-plan.ts";
import { runOperation } from "./single-operation.ts";

/** A tensor with its elements. Dimensions of a job's size stand as they are in the vector's job. */
type VectorTensor = Pick<TensorEntry, "type" | "rows" | "columns"> &
  Partial<Pick<TensorEntry, "role" | "rowExtent" | "columnExtent">> & {
    readonly bounds?: readonly [number, number];
    /** Absent in the exponential's table. */
    readonly elements?: readonly number[];
  };

/** One small case of an operation. */
export interface OperationVector {
  readonly name: OperationName;
  readonly code: number;
  readonly section: Section;
  readonly shift: number;
  readonly multiplier: number;
  readonly arguments: readonly [number, number];
  /** What it takes from its job. */
  readonly job: {
    readonly seed: string;
    readonly position: number;
    readonly samples: number;
    readonly accounts: number;
    readonly credits: number;
  };
  readonly operands: readonly VectorTensor[];
  /** `root` is that of the tensor's file. */
  readonly output: VectorTensor & { readonly root?: string };
}

/** The file of the vectors; `node scripts/operation-vectors.ts` computes its outputs. */
export const OPERATION_VECTORS = new URL("vectors/operations.json", import.meta.url);

/** The vectors as they stand in the file. */
export function readVectors(): OperationVector[] {
  return JSON.parse(readFileSync(OPERATION_VECTORS, "utf8")) as OperationVector[];
}

/** The vector with the output that some faces of its operation compute. */
export function computedVector(vector: OperationVector, faces: Faces): OperationVector {
  const { output, operands, job } = vector;
  const actual = runOperation(
    {
      ...vector,
      parameters: vector,
      batch: vector.name === "gather" ? output.rows : 1,
      constants: operands.map(({ elements }) => (elements === undefined ? expTableFile() : undefined)),
    },
    operands.map((operand) => elementsOf(operand)),
    { ...job, seed: fromHex(job.seed, 32) },
    job.position,
    faces,
  );
  const elements = Array.from(actual as Iterable<number | bigint>, Number);
  return { ...vector, output: { ...output, elements, root: fileRoot(encodeTensor(output, actual)) } };
}

function elementsOf({ type, rows, columns, elements = [] }: VectorTensor): Elements {
  const values = allocateElements(type, rows * columns);
  elements.forEach((element, index) => {
    values[index] = type === "i64" ? BigInt(element) : element;
  });
  return values;
}

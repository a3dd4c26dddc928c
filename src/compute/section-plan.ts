import type { KernelFace } from "./operation.ts";
import { INSTRUCTIONS } from "./operations.ts";
import { endOfColumns, productOfColumns, updateByProduct } from "./wasm/products.ts";
import type { OperationEntry, Program, Section, TensorEntry } from "./program.ts";
import { productOfWindows } from "./wasm/window-products.ts";
import { windowsOf } from "./windows.ts";

/**
 * How a section is computed, always to the same bits: by the TypeScript face of each operation, by kernels one operation at a time, or by kernels
 * for several operations at once, which do not write the tensors in between.
 */
export type Faces = "reference" | "kernels" | "fused";

/** One action of a run: an operation, or several with the operands of the first and the output of the last. */
export interface PlannedOperation {
  /** The operation whose parameters count. */
  readonly operation: OperationEntry;
  readonly output: number;
  readonly operands: readonly number[];
  /** Absent for what runs on its TypeScript face. */
  readonly kernel: KernelFace | undefined;
}

/** The actions of a section in order. What is fused follows from the operations alone. */
export function planSection(program: Program, section: Section, faces: Faces): PlannedOperation[] {
  const plan = program.operations
    .filter((operation) => operation.section === section)
    .map((operation) => ({
      ...single(operation),
      kernel: faces === "reference" ? undefined : kernelFor(program, operation),
    }));
  return faces === "fused"
    ? withoutUnread(
        program,
        plan.map((action) => fused(program, plan, action)),
      )
    : plan;
}

function single(operation: OperationEntry): PlannedOperation {
  return { operation, output: operation.output, operands: operation.operands, kernel: undefined };
}

/** Tensors of a job's size stay outside of the kernels' memory, and kernels have 32 bits. */
function kernelFor(program: Program, { name, output, operands }: OperationEntry): KernelFace | undefined {
  const isFit = [output, ...operands].every((index) => {
    const { type, rowExtent, columnExtent } = program.tensors[index] as TensorEntry;
    return type !== "i64" && rowExtent === "static" && columnExtent === "static";
  });
  return isFit ? INSTRUCTIONS[name].kernel : undefined;
}

/** The action itself, or one that does its work and that of the actions it reads from. */
function fused(program: Program, plan: readonly PlannedOperation[], action: PlannedOperation): PlannedOperation {
  if (action.kernel === undefined) return action;
  switch (action.operation.name) {
    case "matmul":
      return productOf(plan, action) ?? windowed(plan, action) ?? action;
    case "tail":
      return endOf(program, plan, action) ?? action;
    case "update":
      return updateOf(program, plan, action) ?? action;
    default:
      return action;
  }
}

/** A product of two transposed matrices from the matrices themselves. */
function productOf(plan: readonly PlannedOperation[], matmul: PlannedOperation): PlannedOperation | undefined {
  const operands = beforeTransposing(plan, matmul);
  return operands && { ...matmul, operands, kernel: productOfColumns };
}

/** A product of windows from the images that they slide over. */
function windowed(plan: readonly PlannedOperation[], matmul: PlannedOperation): PlannedOperation | undefined {
  const [rows, kernels] = matmul.operands;
  const unfold = plan.find(({ output, operation }) => output === rows && operation.name === "unfold");
  const [images] = unfold?.operands ?? [];
  if (unfold === undefined || images === undefined || kernels === undefined) return undefined;
  return { ...matmul, operands: [images, kernels], kernel: productOfWindows(windowsOf(unfold.operation)) };
}

/** The end of a chain of such products, without the chain. */
function endOf(
  program: Program,
  plan: readonly PlannedOperation[],
  { output, operands: [source] }: PlannedOperation,
): PlannedOperation | undefined {
  const chain = plan.find((action) => action.output === source && action.operation.name === "accumulate");
  const operands = chain && beforeTransposing(plan, chain);
  const [block] = chain?.operands.map((operand) => program.tensors[operand]?.rows) ?? [];
  const isEnd = block !== undefined && program.tensors[output]?.rows === block;
  return chain && operands && isEnd ? { ...chain, output, operands, kernel: endOfColumns } : undefined;
}

/** An update of i16 weights by such a product, if nothing else reads that. */
function updateOf(
  program: Program,
  plan: readonly PlannedOperation[],
  update: PlannedOperation,
): PlannedOperation | undefined {
  const [weights, change] = update.operands;
  if (weights === undefined || change === undefined || program.tensors[weights]?.type !== "i16") return undefined;
  const matmul = plan.find(({ output, operation }) => output === change && operation.name === "matmul");
  const operands = matmul && beforeTransposing(plan, matmul);
  const isReadElsewhere = plan.some((other) => other !== update && other.operands.includes(change));
  if (operands === undefined || isReadElsewhere) return undefined;
  return { ...update, operands: [weights, ...operands], kernel: updateByProduct };
}

/** The matrices whose transposes an action reads, if it reads nothing else. */
function beforeTransposing(
  plan: readonly PlannedOperation[],
  { operands }: PlannedOperation,
): readonly number[] | undefined {
  const sources = operands.map(
    (operand) =>
      plan.find(({ output, operation }) => output === operand && operation.name === "transpose")?.operands[0],
  );
  const found = sources.filter((source) => source !== undefined);
  return found.length === sources.length ? found : undefined;
}

/** The actions whose output somebody reads. Only fusing leaves others: a program may have unread tensors, but they are written. */
function withoutUnread(program: Program, plan: readonly PlannedOperation[]): PlannedOperation[] {
  const read = new Set(plan.flatMap(({ operands }) => operands));
  const isInside = ({ output, operation }: PlannedOperation): boolean =>
    !read.has(output) &&
    program.tensors[output]?.output === undefined &&
    program.operations.some((other) => other.section === operation.section && other.operands.includes(output));
  const kept = plan.filter((action) => !isInside(action));
  return kept.length === plan.length ? kept : withoutUnread(program, kept);
}

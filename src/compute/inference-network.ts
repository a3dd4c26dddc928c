import { ensureCheck } from "../core/errors.ts";
import type { MlpShapes, MlpWeights } from "../proofs/mlp-circuit.ts";
import { weightsShapes, type OperationEntry, type Program } from "./program.ts";
import { decodeWeights } from "./weights.ts";

/** What the circuit's arithmetic is, as the operations of a program's inference. */
const OPERATIONS = ["setColumn", "matmul", "requantise", "matmul", "argmax"];
const BIAS = [0, 255];
const ACTIVATION = [0n, 127n];

/**
 * The two-layer network that a program's inference is, with the weights of a file: what the inference circuit is made from.
 * @throws GlassboxError `COMPUTE_NO_CIRCUIT` for an inference that differs from the circuit's in any operation.
 */
export function inferenceNetwork(program: Program, file: Uint8Array): { shapes: MlpShapes; weights: MlpWeights } {
  const [hidden, outputs] = decodeWeights(program, file);
  const [first, second, ...others] = weightsShapes(program);
  const [bias, firstSum, rounding, secondSum, decision] = inferenceOperations(program);
  const isKnown =
    others.length === 0 &&
    hidden instanceof Int16Array &&
    outputs instanceof Int16Array &&
    first?.rows === second?.columns &&
    bias !== undefined &&
    rounding !== undefined &&
    BIAS.every((value, i) => bias.arguments[i] === value) &&
    rounding.multiplier <= 1 &&
    isActivation(program, rounding) &&
    isSingleQuery(program, bias) &&
    readsWeights(program, firstSum, bias, 0) &&
    rounding.operands[0] === firstSum?.output &&
    readsWeights(program, secondSum, rounding, 1) &&
    decision?.operands[0] === secondSum?.output &&
    program.tensors[decision?.output ?? 0]?.output !== undefined;
  ensureCheck(isKnown, "COMPUTE_NO_CIRCUIT", "the program's inference is not the two-layer network that has a circuit");
  const shapes = {
    inputs: first?.columns ?? 0,
    hidden: first?.rows ?? 0,
    outputs: second?.rows ?? 0,
    shift: rounding.shift,
  };
  return { shapes, weights: { hidden, outputs } };
}

/** The operations of the inference, if they are those of the circuit in its order. */
function inferenceOperations(program: Program): readonly OperationEntry[] {
  const operations = program.operations.filter(({ section }) => section === "infer");
  const isSame = operations.length === OPERATIONS.length && operations.every(({ name }, i) => name === OPERATIONS[i]);
  return isSame ? operations : [];
}

function isActivation(program: Program, rounding: OperationEntry): boolean {
  const output = program.tensors[rounding.output];
  return output?.type === "u8" && output.lowest === ACTIVATION[0] && output.highest === ACTIVATION[1];
}

function isSingleQuery(program: Program, operation: OperationEntry): boolean {
  const tensor = program.tensors[operation.operands[0] ?? program.tensors.length];
  return tensor?.role === "query" && tensor.rows === 1;
}

/** True if the product is of what `below` wrote and of the weights in `slot`. */
function readsWeights(
  program: Program,
  product: OperationEntry | undefined,
  below: OperationEntry,
  slot: number,
): boolean {
  const [input, weights] = product?.operands ?? [];
  const tensor = weights === undefined ? undefined : program.tensors[weights];
  return input === below.output && tensor?.role === "weights" && tensor.index === slot;
}

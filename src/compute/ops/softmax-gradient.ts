import { ensureInput } from "../../core/errors.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import {
  columnsOf,
  ensureAccumulator,
  ensureContains,
  ensureRowLength,
  ensureShape,
  ensureType,
  entryAt,
  fixed,
  ONE,
  rowsOf,
} from "../checks.ts";
import { EXP_TABLE_LENGTH, EXP_TABLE_ROOT } from "../exp-table.ts";
import { addressOf, narrow, operand, typeCode, type NarrowElements, type Operation } from "../operation.ts";

/** Probability 1. */
const UNIT_BITS = 14;
const UNIT = 2 ** UNIT_BITS;

/**
 * output[i] = softmax(logits[i]) - onehot(labels[i]), in units of 2^-14: the gradient of cross-entropy.
 * The exponential is the table at the distance to the row's greatest logit, in units of 1/64; a label that is no class subtracts nothing.
 */
export const softmaxGradient: Operation = {
  arity: [3, 3],
  parameters: [],
  check(site) {
    const logits = entryAt(site, 0);
    const labels = entryAt(site, 1);
    const table = entryAt(site, 2);
    ensureType(site, logits, "i8", "i16", "i32");
    ensureType(site, labels, "u8");
    ensureType(site, table, "i32");
    ensureType(site, site.output, "i16", "i32");
    ensureShape(site, labels, rowsOf(logits), ONE);
    ensureShape(site, table, ONE, fixed(EXP_TABLE_LENGTH));
    ensureShape(site, site.output, rowsOf(logits), columnsOf(logits));
    ensureRowLength(site, logits.columns);
    ensureAccumulator(site, logits.highest - logits.lowest);
    ensureContains(site, -BigInt(UNIT), BigInt(UNIT));
    const file = site.program.constants.get(site.operation.operands[2] ?? -1);
    const root = file === undefined ? "none" : fileRoot(file);
    ensureInput(
      root === EXP_TABLE_ROOT,
      "COMPUTE_TABLE_UNKNOWN",
      `softmaxGradient takes the table ${EXP_TABLE_ROOT}, got ${root}`,
    );
  },
  bind(binding) {
    const { output } = binding;
    const logits = operand(binding, 0);
    const labels = operand(binding, 1);
    const table = operand(binding, 2);
    return () => {
      const weights = new Int32Array(output.columns);
      const target = narrow(labels);
      for (let row = 0; row < output.rows; row++) {
        const at = row * output.columns;
        gradientOfRow(narrow(logits), at, narrow(table), target[row] as number, weights, narrow(output));
      }
    };
  },
  kernel: {
    bind(binding, kernels) {
      const { output } = binding;
      const logits = operand(binding, 0);
      const [from, type] = [addressOf(logits), typeCode(logits.entry)];
      const labels = addressOf(operand(binding, 1));
      const table = addressOf(operand(binding, 2));
      const [to, toType] = [addressOf(output), typeCode(output.entry)];
      const { rows, columns } = output;
      return () => {
        kernels.softmaxGradient(from, type, labels, table, EXP_TABLE_LENGTH, to, toType, rows, columns);
      };
    },
  },
};

function gradientOfRow(
  logits: NarrowElements,
  at: number,
  table: NarrowElements,
  label: number,
  weights: Int32Array,
  output: NarrowElements,
): void {
  const classes = weights.length;
  let greatest = logits[at] as number;
  for (let c = 1; c < classes; c++) greatest = Math.max(greatest, logits[at + c] as number);
  let total = 0;
  for (let c = 0; c < classes; c++) {
    const distance = Math.min(greatest - (logits[at + c] as number), EXP_TABLE_LENGTH - 1);
    const weight = table[distance] as number;
    weights[c] = weight;
    total += weight;
  }
  for (let c = 0; c < classes; c++) {
    const probability = Math.floor(((weights[c] as number) * UNIT + (total >> 1)) / total);
    output[at + c] = c === label ? probability - UNIT : probability;
  }
}

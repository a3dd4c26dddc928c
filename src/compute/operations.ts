import type { Operation } from "./operation.ts";
import { accumulate } from "./ops/accumulate.ts";
import { add } from "./ops/add.ts";
import { addRow } from "./ops/add-row.ts";
import { argmax } from "./ops/argmax.ts";
import { column } from "./ops/column.ts";
import { count } from "./ops/count.ts";
import { fold } from "./ops/fold.ts";
import { gate } from "./ops/gate.ts";
import { gather } from "./ops/gather.ts";
import { init } from "./ops/init.ts";
import { matmul } from "./ops/matmul.ts";
import { maxPool } from "./ops/max-pool.ts";
import { poolGradient } from "./ops/pool-gradient.ts";
import { proportion } from "./ops/proportion.ts";
import { remainder } from "./ops/remainder.ts";
import { requantise } from "./ops/requantise.ts";
import { reshape } from "./ops/reshape.ts";
import { rotate } from "./ops/rotate.ts";
import { setColumn } from "./ops/set-column.ts";
import { softmaxGradient } from "./ops/softmax-gradient.ts";
import { sum } from "./ops/sum.ts";
import { tail } from "./ops/tail.ts";
import { transpose } from "./ops/transpose.ts";
import { unfold } from "./ops/unfold.ts";
import { update } from "./ops/update.ts";
import type { OperationName } from "./program.ts";

/** What each instruction checks and does. */
export const INSTRUCTIONS: Readonly<Record<OperationName, Operation>> = {
  init,
  gather,
  setColumn,
  matmul,
  requantise,
  gate,
  softmaxGradient,
  transpose,
  update,
  add,
  argmax,
  column,
  count,
  proportion,
  sum,
  remainder,
  addRow,
  unfold,
  fold,
  rotate,
  reshape,
  maxPool,
  poolGradient,
  accumulate,
  tail,
};

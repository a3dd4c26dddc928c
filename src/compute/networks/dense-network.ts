import { inferSection, initSection } from "./network-sections.ts";
import { joinSections, type SectionBuilder, type TensorHandle, type TensorSpec } from "../program-builder.ts";
import type { Program } from "../program.ts";
import { validateProgram } from "../validate.ts";

/** One dense layer whose weights were trained elsewhere: i16 weights, an i32 bias. */
export interface DenseLayer {
  readonly units: number;
  /** No weight is beyond plus or minus this, no bias beyond that. */
  readonly weightClamp: number;
  readonly biasClamp: number;
}

/** A layer below another one: its sums are rounded to i16 from 0 to `ceiling`, which is a rectifier. */
export interface HiddenLayer extends DenseLayer {
  readonly shift: number;
  readonly ceiling: number;
}

/** A network of dense layers that only answers. */
export interface DenseNetwork {
  readonly inputs: number;
  readonly hidden: readonly HiddenLayer[];
  readonly last: DenseLayer;
}

/** What `init` fills the weights with is never used: it says what they look like. */
const INIT = { shift: 1, multiplier: 1 } as const;

/** The program of a network that is not trained: one query of bytes, the class with the greatest score. Slot 2l has the weights of layer l, slot 2l + 1 its bias. */
export function denseNetwork(network: DenseNetwork): Program {
  const weights = weightsSpecs(network);
  const init = initSection(weights, () => INIT);
  const infer = inferSection(network.inputs, weights, (...given) => forward(network, ...given));
  const program = joinSections({ parts: 1, batch: 1, stepsPerPart: 1 }, [init, infer]);
  validateProgram(program);
  return program;
}

/** The weights and the bias of each layer, in slot order. */
function weightsSpecs({ inputs, hidden, last }: DenseNetwork): TensorSpec[] {
  const layers = [...hidden, last];
  return layers.flatMap(({ units, weightClamp, biasClamp }, index) => [
    { type: "i16", rows: units, columns: layers[index - 1]?.units ?? inputs, bounds: [-weightClamp, weightClamp] },
    { type: "i32", rows: 1, columns: units, bounds: [-biasClamp, biasClamp] },
  ]);
}

/** Layer by layer to the scores of the last one. */
function forward(
  { hidden }: DenseNetwork,
  section: SectionBuilder,
  query: TensorHandle,
  weights: readonly TensorHandle[],
): TensorHandle {
  const layer = (below: TensorHandle, index: number): TensorHandle => {
    const [matrix, bias] = [weights[2 * index] as TensorHandle, weights[2 * index + 1] as TensorHandle];
    return section.addRow(section.matmul(below, matrix), bias);
  };
  const top = hidden.reduce(
    (below, { shift, ceiling }, index) => section.requantise(layer(below, index), "i16", [0, ceiling], { shift }),
    query,
  );
  return layer(top, hidden.length);
}

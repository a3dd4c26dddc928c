import { ensureInput } from "../core/errors.ts";
import { decodeTensorSet, encodeTensorSet, tensorSetLayout, type Elements } from "../core/tensor.ts";
import { weightsShapes, type Program } from "./program.ts";

/** Bytes of a weights file of the program's model. */
export function weightsBytes(program: Program): number {
  return tensorSetLayout(weightsShapes(program)).byteLength;
}

/** The weights file: the model's tensors as one tensor set. */
export function encodeWeights(program: Program, weights: readonly Elements[]): Uint8Array {
  return encodeTensorSet(weightsShapes(program), weights);
}

/**
 * The model's tensors from a weights file, by slot.
 * @throws GlassboxError `TENSOR_SET_MISMATCH` or `TENSOR_PADDING_NOT_ZERO` for a wrong layout, `COMPUTE_WEIGHTS_RANGE` for an element out of the program's bounds.
 */
export function decodeWeights(program: Program, file: Uint8Array): Elements[] {
  const shapes = weightsShapes(program);
  const weights = decodeTensorSet(shapes, file);
  weights.forEach((elements, slot) => {
    const lowest = Number(shapes[slot]?.lowest);
    const highest = Number(shapes[slot]?.highest);
    const outside = firstOutside(elements, lowest, highest);
    ensureInput(
      outside === -1,
      "COMPUTE_WEIGHTS_RANGE",
      `weight ${outside} of tensor ${slot} is ${elements[outside]}, outside ${lowest}..${highest}`,
    );
  });
  return weights;
}

function firstOutside(elements: Elements, lowest: number, highest: number): number {
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as number | bigint;
    if (element < lowest || element > highest) return i;
  }
  return -1;
}

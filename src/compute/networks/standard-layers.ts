import type { Layer } from "./network-sections.ts";

/** What 1 is in a layer's input: of bytes, of the activations of 0..127 between layers. */
const BYTE = { one: 255, greatest: 255 };
const ACTIVATION = { one: 16, greatest: 127 };
/** What 1 is in logits, and in the gradient there. */
const LOGIT = 64;
const GRADIENT = 2 ** 14;
const GREATEST_GRADIENT = 2 ** 15;
/** What 1 is in weights, if there is room for weights of `REACH`. */
const FINEST_WEIGHT = 13;
const REACH = 1.25;
/** Without hidden layers weights grow, and are all of the model. */
const LONE_WEIGHT = 10;
/** The standard deviation of the noise that starting weights are made from, after its shift. */
const NOISE = Math.sqrt((256 ** 2 - 1) / 3) / 2 ** 11;

/**
 * Settings for a perceptron of these sizes, in the units of `DEFAULT_TRAINING`: weights start with the deviation sqrt(2 / inputs), and
 * are as fine as 32 bits allow.
 * @param rate learning rate; it becomes a shift, so the nearest power of two takes effect
 */
export function standardLayers(sizes: readonly number[], batch: number, rate: number): Layer[] {
  const layers = sizes.length - 1;
  return Array.from({ length: layers }, (_, slot) => {
    const [inputs, units] = [sizes[slot] ?? 1, sizes[slot + 1] ?? 1];
    const input = slot === 0 ? BYTE : ACTIVATION;
    const isLast = slot + 1 === layers;
    const gradient = isLast ? GRADIENT : GREATEST_GRADIENT;
    const forward = inputs * input.greatest;
    const backward = slot === 0 ? 0 : units * gradient;
    const clamp = Math.min(2 ** 15 - 1, Math.floor((2 ** 31 - 2 ** 17) / Math.max(forward, backward)));
    const finest = layers === 1 ? LONE_WEIGHT : FINEST_WEIGHT;
    const bits = Math.max(1, Math.min(finest, Math.floor(Math.log2(clamp / REACH))));
    const output = isLast ? LOGIT : ACTIVATION.one;
    const deviation = layers === 1 ? 0 : Math.sqrt(2 / inputs) * 2 ** bits;
    return {
      clamp,
      initMultiplier: Math.max(1, Math.round(deviation / NOISE)),
      shift: shiftOf((input.one * 2 ** bits) / output),
      gradientShift: slot === 0 ? 0 : bits,
      updateShift: shiftOf((GRADIENT * input.one * batch) / (rate * 2 ** bits)),
    };
  });
}

/** The shift that divides by the power of two nearest to `divisor`. */
function shiftOf(divisor: number): number {
  return Math.min(30, Math.max(1, Math.round(Math.log2(divisor))));
}

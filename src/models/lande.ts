import type { Elements } from "../core/tensor.ts";
import { ensureInput } from "../core/errors.ts";
import { type LandeLayer, type LandePackage, readLandePackage } from "./lande-package.ts";
import { landeQuery, QUERY_SCALES } from "./lande-query.ts";

/** Sums of the first layer are rounded by this shift, to this at most: more than any text was seen to reach. */
const HIDDEN = { shift: 7, ceiling: 8_191 } as const;
/** Weights of the second layer: the greatest with which 120 products with the above, and a bias, are sure to fit in 32 bits. */
const OUTPUT_CLAMP = 2_047;

/** The language identification network `lande` in integers. */
export interface Lande {
  /** ISO 639-3 codes, by class. */
  readonly languages: readonly string[];
  readonly network: {
    readonly inputs: number;
    readonly hidden: readonly [LandeShape & typeof HIDDEN];
    readonly last: LandeShape;
  };
  /** Weights and bias of the first layer, weights and bias of the second. */
  readonly weights: readonly [Int16Array, Int32Array, Int16Array, Int32Array] & readonly Elements[];
  /** The bytes that the network reads for a text. */
  readonly query: (text: string) => Uint8Array;
}

interface LandeShape {
  readonly units: number;
  readonly weightClamp: number;
  readonly biasClamp: number;
}

/**
 * Reads the network from the installed npm package and quantises it.
 *
 * A neuron's weights are whole numbers over a scale of its own. A rectifier lets a positive factor through, so the first layer
 * takes the whole numbers as they are, without any error, and the neuron's scale goes into the second layer. That one is rounded
 * anew: its scores need a scale in common.
 * @throws GlassboxError `MODELS_LANDE_MISSING`, `MODELS_LANDE_INVALID`.
 */
export async function readLande(): Promise<Lande> {
  const source = await readLandePackage();
  const { languages, ngrams, layers } = source;
  ensureShapes(source);
  const [first, second] = layers;
  const scales = ngrams.flatMap((values, index) => values.map(() => QUERY_SCALES[index] ?? 0));
  const finest = Math.max(...scales);
  const hiddenWeights = first.neurons.flatMap(({ numbers }) =>
    numbers.map((weight, input) => (weight * finest) / (scales[input] ?? 1)),
  );
  const hiddenBias = biases(first).map((bias, unit) => Math.round(bias * (first.neurons[unit]?.scale ?? 0) * finest));
  // What is left of a hidden unit's real value: times its neuron's scale, times this.
  const hiddenUnit = finest / 2 ** HIDDEN.shift;
  const real = second.neurons.map(({ numbers, scale }) =>
    numbers.map((weight, unit) => weight / scale / (first.neurons[unit]?.scale ?? 1)),
  );
  const factor = OUTPUT_CLAMP / greatest(real.flat());
  const outputWeights = real.flatMap((weights) => weights.map((weight) => Math.round(weight * factor)));
  const outputBias = biases(second).map((bias) => Math.round(bias * hiddenUnit * factor));
  const shape = (units: number, weights: readonly number[], bias: readonly number[]): LandeShape => ({
    units,
    weightClamp: greatest(weights),
    biasClamp: greatest(bias),
  });
  return {
    languages,
    network: {
      inputs: scales.length,
      hidden: [{ ...shape(first.neurons.length, hiddenWeights, hiddenBias), ...HIDDEN }],
      last: shape(languages.length, outputWeights, outputBias),
    },
    weights: [
      Int16Array.from(hiddenWeights),
      Int32Array.from(hiddenBias),
      Int16Array.from(outputWeights),
      Int32Array.from(outputBias),
    ],
    query: (text) => landeQuery(ngrams, text),
  };
}

function biases({ biases: { numbers, scale } }: LandeLayer): number[] {
  return numbers.map((bias) => bias / scale);
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
}

function ensureShapes({ languages, ngrams, layers }: LandePackage): void {
  const inputs = ngrams.flat().length;
  const [hidden, last] = layers;
  const fits = ({ neurons, biases: { numbers } }: LandeLayer, below: number): boolean =>
    numbers.length === neurons.length && neurons.every((neuron) => neuron.numbers.length === below);
  ensureInput(
    fits(hidden, inputs) && fits(last, hidden.neurons.length) && last.neurons.length === languages.length,
    "MODELS_LANDE_INVALID",
    "the layers of lande's network do not fit together",
  );
}

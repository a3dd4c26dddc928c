import { z } from "zod";

import { GlassboxError } from "../core/errors.ts";

/** One neuron's numbers as the package keeps them: whole numbers from -127 to 128 over one scale. */
export interface ScaledNumbers {
  readonly scale: number;
  readonly numbers: readonly number[];
}

/** A layer of the float network. */
export interface LandeLayer {
  readonly neurons: readonly ScaledNumbers[];
  readonly biases: ScaledNumbers;
}

/** What the npm package `lande` ships: 50 languages, the n-grams that it counts, and a network 620-120-50. */
export interface LandePackage {
  /** ISO 639-3 codes, by class. */
  readonly languages: readonly string[];
  /** Sequences of one, two, three and four code units, in the order of the network's inputs. */
  readonly ngrams: readonly (readonly string[])[];
  readonly layers: readonly [LandeLayer, LandeLayer];
}

const strings = z.array(z.string());
const dense = z.object({ type: z.literal("dense"), _biases: z.string(), _filters: strings });
const named = (name: string) => z.object({ type: z.literal(name) });
const files = z.object({
  languages: strings,
  ngrams: z.object({ unigrams: strings, bigrams: strings, trigrams: strings, quadgrams: strings }),
  options: z.object({ layers: z.tuple([named("input"), dense, named("relu"), dense, named("softmax")]) }),
});

/**
 * Reads the installed package.
 * @throws GlassboxError `MODELS_LANDE_MISSING`, `MODELS_LANDE_INVALID`.
 */
export async function readLandePackage(): Promise<LandePackage> {
  const [languages, ngrams, options] = await Promise.all(["langs", "ngrams", "options"].map(readFile));
  const parsed = files.safeParse({ languages, ngrams, options });
  if (!parsed.success) throw invalid(parsed.error);
  const { unigrams, bigrams, trigrams, quadgrams } = parsed.data.ngrams;
  const [, first, , second] = parsed.data.options.layers;
  return {
    languages: parsed.data.languages,
    ngrams: [unigrams, bigrams, trigrams, quadgrams],
    layers: [readLayer(first), readLayer(second)],
  };
}

function readLayer({ _biases, _filters }: z.output<typeof dense>): LandeLayer {
  return { neurons: _filters.map(readNumbers), biases: readNumbers(_biases) };
}

/** A `1`, the scale, a bar, and in base64 a byte a number that is 127 too high. */
function readNumbers(text: string): ScaledNumbers {
  const [, scale, base64] = /^1([\d.]+)\|([\d+/=A-Za-z]+)$/.exec(text) ?? [];
  if (scale === undefined || base64 === undefined) throw invalid(text.slice(0, 8));
  return { scale: Number(scale), numbers: Array.from(Buffer.from(base64, "base64"), (byte) => byte - 127) };
}

/** The package exports no file but its main one, beside which they lie. */
async function readFile(name: string): Promise<unknown> {
  try {
    const main = import.meta.resolve("lande");
    const { default: value } = (await import(new URL(`t50-${name}.js`, main).href)) as { default: unknown };
    return value;
  } catch (cause) {
    throw new GlassboxError("usage", "MODELS_LANDE_MISSING", `the npm package lande has no file t50-${name}.js`, {
      cause,
      hint: "run `npm install`",
    });
  }
}

function invalid(cause: unknown): GlassboxError {
  return new GlassboxError("usage", "MODELS_LANDE_INVALID", "the npm package lande has another form than expected", {
    cause,
  });
}

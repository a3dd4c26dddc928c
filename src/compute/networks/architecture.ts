import { ensureInput } from "../../core/errors.ts";
import { cnn } from "./cnn.ts";
import { DIGITS_CNN, DIGITS_MLP } from "./digits.ts";
import { mlp } from "./mlp.ts";
import type { Program } from "../program.ts";
import { IRIS_TRAINING, softmaxRegression } from "./softmax-regression.ts";
import { standardLayers } from "./standard-layers.ts";

/** How a named architecture is trained. */
export interface ArchitectureSettings {
  readonly parts: number;
  readonly batch: number;
  readonly stepsPerPart: number;
  /** Learning rate; the nearest that a shift can give takes effect. */
  readonly rate: number;
}

/** The forms that a name may have, for messages. */
export const ARCHITECTURE_FORMS = ["mlp:784-128-10", "softmax:5-3"] as const;

/** Programs whose settings were chosen with care, by name. */
const RECIPES: Readonly<Record<string, () => Program>> = {
  "digits:mlp": () => mlp(DIGITS_MLP.sizes, DIGITS_MLP),
  "digits:cnn": () => cnn(DIGITS_CNN),
  "iris:softmax": () => softmaxRegression(IRIS_TRAINING.sizes, IRIS_TRAINING),
};

/** The names of all recipes. */
export const RECIPE_NAMES: readonly string[] = Object.keys(RECIPES);

/** The program of a recipe, if the name is one. */
export function recipeProgram(name: string): Program | undefined {
  return Object.hasOwn(RECIPES, name) ? RECIPES[name]?.() : undefined;
}

/** True if a text looks like an architecture and not like a file. */
export function isArchitecture(name: string): boolean {
  return /^(mlp|softmax):/.test(name);
}

/**
 * The program that an architecture's name stands for: a kind, a colon, and the sizes of its layers from inputs to classes.
 * @throws GlassboxError `COMPUTE_ARCHITECTURE_UNKNOWN`, or what validating the program throws.
 */
export function architectureProgram(name: string, settings: ArchitectureSettings): Program {
  const [, kind, text] = /^(mlp|softmax):([1-9]\d{0,4}(?:-[1-9]\d{0,4})+)$/.exec(name) ?? [];
  ensureInput(text !== undefined, "COMPUTE_ARCHITECTURE_UNKNOWN", `no architecture is named ${name}`, {
    hint: `names are like ${ARCHITECTURE_FORMS.join(" or ")}`,
  });
  const sizes = text.split("-").map(Number);
  const layers = standardLayers(sizes, settings.batch, settings.rate);
  if (kind === "mlp") return mlp(sizes, { ...settings, layers });
  const [inputs = 0, classes = 0, ...others] = sizes;
  const [layer] = layers;
  ensureInput(
    others.length === 0 && layer !== undefined,
    "COMPUTE_ARCHITECTURE_UNKNOWN",
    `softmax takes inputs and classes, got ${text}`,
  );
  return softmaxRegression([inputs, classes], { ...settings, ...layer });
}

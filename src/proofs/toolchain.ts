import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * O1 drops only trivial constraints: with weights baked in, O2 would turn short sums into long ones, which costs minutes and dense keys.
 * O2 drops all linear ones, two in three of a circuit that hashes.
 */
export type Optimisation = "O1" | "O2";

/** Bumped whenever the same circuit would get another development key, so that cached keys are made anew. */
export const DEVELOPMENT_SETUP_VERSION = 1;

/** Where the compiler leaves its results in its folder. */
export const COMPILED = { r1cs: "main.r1cs", wasm: "main_js/main.wasm" } as const;

/** What decides the compiler's output besides the sources. */
export function compilerVersion(optimisation: Optimisation): string {
  const { version } = require("circom2/package.json") as { version: string };
  return `circom2@${version} --${optimisation}`;
}

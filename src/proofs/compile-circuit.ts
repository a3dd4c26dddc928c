import * as fs from "node:fs";
import { createRequire } from "node:module";

import { CircomRunner, bindings } from "circom2";

import { GlassboxError } from "../core/errors.ts";
import type { Optimisation } from "./toolchain.ts";

const require = createRequire(import.meta.url);

/**
 * Compiles `main.circom` in a folder that holds all its includes too.
 * @throws GlassboxError `PROOFS_COMPILE_FAILED` with the compiler's own words
 */
export async function compileCircuit(directory: string, optimisation: Optimisation): Promise<void> {
  let output = "";
  const runner = new CircomRunner({
    args: ["main.circom", "--r1cs", "--wasm", `--${optimisation}`, "-o", "."],
    env: {},
    preopens: { ".": directory },
    bindings: { ...bindings, fs: capturing((text) => (output += text)) },
  });
  try {
    await runner.execute(fs.readFileSync(require.resolve("circom2/circom.wasm")));
  } catch (cause) {
    throw new GlassboxError("bug", "PROOFS_COMPILE_FAILED", "the circuit does not compile", {
      details: { output },
      cause,
    });
  }
}

/** The file system with the compiler's standard output and error diverted. */
function capturing(onText: (text: string) => void): typeof fs {
  const writeSync = (
    descriptor: number,
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length,
    ...rest: number[]
  ): number => {
    if (descriptor > 2) return fs.writeSync(descriptor, bytes, offset, length, ...rest);
    onText(Buffer.from(bytes.subarray(offset, offset + length)).toString());
    return length;
  };
  return { ...fs, writeSync: writeSync as typeof fs.writeSync };
}

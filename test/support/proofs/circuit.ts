import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type MemoryFile, wtns } from "snarkjs";

import { circuitSources } from "../../../src/proofs/circuit-library.ts";
import { compileCircuit } from "../../../src/proofs/compile-circuit.ts";
import { FIELD_ORDER, reduce } from "../../../src/proofs/field.ts";
import { type R1cs, type Term, readR1cs } from "../../../src/proofs/r1cs.ts";
import { COMPILED } from "../../../src/proofs/toolchain.ts";

/** A compiled circuit that can be run and checked without keys. */
export class TestCircuit {
  readonly r1cs: R1cs;
  readonly #directory: string;

  private constructor(directory: string, r1cs: R1cs) {
    this.#directory = directory;
    this.r1cs = r1cs;
  }

  /** Compiles a main file; the templates of `circuits/` and circomlib can be included by name. */
  static async compile(mainSource: string): Promise<TestCircuit> {
    const directory = await mkdtemp(join(tmpdir(), "glassbox-circuit-"));
    await writeSources(directory, circuitSources(mainSource));
    await compileCircuit(directory);
    return new TestCircuit(directory, await readR1cs(join(directory, COMPILED.r1cs)));
  }

  /** Signal values with the constant 1 first and the outputs next; rejects if the circuit refuses the inputs. */
  async witness(inputs: Record<string, readonly bigint[] | bigint>): Promise<bigint[]> {
    const file: MemoryFile = { type: "mem" };
    // The runtime reports each refused witness on the console as well.
    const report = Object.getOwnPropertyDescriptor(globalThis.console, "error")!;
    Object.defineProperty(globalThis.console, "error", { ...report, value: () => undefined });
    try {
      await wtns.calculate(inputs, join(this.#directory, COMPILED.wasm), file, { memorySize: 1 });
    } finally {
      Object.defineProperty(globalThis.console, "error", report);
    }
    return elements(Buffer.from(file.data!));
  }

  /** Whether every constraint holds. */
  accepts(witness: readonly bigint[]): boolean {
    const sum = (terms: readonly Term[]): bigint =>
      terms.reduce((total, { signal, coefficient }) => (total + coefficient * witness[signal]!) % FIELD_ORDER, 0n);
    return this.r1cs.constraints.every(({ a, b, c }) => reduce(sum(a) * sum(b) - sum(c)) === 0n);
  }

  /** Signals whose value alone could be another one: each is a hole unless the circuit means it to be free. */
  freeSignals(witness: readonly bigint[]): number[] {
    return witness.map((_, i) => i).filter((i) => i > 0 && this.accepts(witness.with(i, reduce(witness[i]! + 1n))));
  }

  async dispose(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Writes sources where the compiler finds them. */
export async function writeSources(directory: string, sources: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, source] of sources) await writeFile(join(directory, name), source);
}

/** The second section of a witness file (https://github.com/iden3/snarkjs): its values, 32 bytes each. */
function elements(file: Buffer): bigint[] {
  const headerBytes = Number(file.readBigUInt64LE(16));
  const start = 12 + 12 + headerBytes + 12;
  return Array.from({ length: (file.length - start) / 32 }, (_, i) => {
    const hex = Buffer.from(file.subarray(start + 32 * i, start + 32 * (i + 1)))
      .reverse()
      .toString("hex");
    return BigInt(`0x${hex}`);
  });
}

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type MemoryFile, wtns } from "snarkjs";

import { circuitSources } from "../../../src/proofs/circuit-library.ts";
import { compileCircuit } from "../../../src/proofs/compile-circuit.ts";
import { FIELD_ORDER, reduce } from "../../../src/proofs/field.ts";
import { type R1cs, type Term, readR1cs } from "../../../src/proofs/r1cs.ts";
import { COMPILED, type Optimisation } from "../../../src/proofs/toolchain.ts";

type Constraint = R1cs["constraints"][number];

/** A compiled circuit that can be run and checked without keys. */
export class TestCircuit {
  readonly r1cs: R1cs;
  readonly #directory: string;

  private constructor(directory: string, r1cs: R1cs) {
    this.#directory = directory;
    this.r1cs = r1cs;
  }

  /** Compiles a main file; the templates of `circuits/` and circomlib can be included by name. */
  static async compile(mainSource: string, optimisation: Optimisation = "O1"): Promise<TestCircuit> {
    const directory = await mkdtemp(join(tmpdir(), "glassbox-circuit-"));
    await writeSources(directory, circuitSources(mainSource));
    await compileCircuit(directory, optimisation);
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

  /** Whether the circuit refuses the inputs: no witness follows from them. */
  async refuses(inputs: Record<string, readonly bigint[] | bigint>): Promise<boolean> {
    return this.witness(inputs).then(
      () => false,
      () => true,
    );
  }

  /** Whether every constraint holds. */
  accepts(witness: readonly bigint[]): boolean {
    return this.r1cs.constraints.every((constraint) => holds(constraint, witness));
  }

  /** Signals whose value alone could be another one: each is a hole unless the circuit means it to be free. */
  freeSignals(witness: readonly bigint[]): number[] {
    const readers = new Map<number, Set<Constraint>>();
    for (const constraint of this.r1cs.constraints) {
      for (const { signal } of [...constraint.a, ...constraint.b, ...constraint.c]) {
        readers.set(signal, (readers.get(signal) ?? new Set<Constraint>()).add(constraint));
      }
    }
    const changed = [...witness];
    return witness.flatMap((value, i) => {
      if (i === 0) return [];
      changed[i] = reduce(value + 1n);
      const isFree = [...(readers.get(i) ?? [])].every((constraint) => holds(constraint, changed));
      changed[i] = value;
      return isFree ? [i] : [];
    });
  }

  async dispose(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function holds({ a, b, c }: Constraint, witness: readonly bigint[]): boolean {
  const sum = (terms: readonly Term[]): bigint =>
    terms.reduce((total, { signal, coefficient }) => (total + coefficient * witness[signal]!) % FIELD_ORDER, 0n);
  return reduce(sum(a) * sum(b) - sum(c)) === 0n;
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

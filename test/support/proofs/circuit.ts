import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { circuitSources } from "../../../src/proofs/circuit-library.ts";
import { compileCircuit } from "../../../src/proofs/compile-circuit.ts";
import { FIELD_ORDER, reduce } from "../../../src/proofs/field.ts";
import { type R1cs, type Term, readR1cs } from "../../../src/proofs/r1cs.ts";
import { COMPILED, type Optimisation } from "../../../src/proofs/toolchain.ts";
import { WitnessProgram } from "../../../src/proofs/witness-program.ts";

type Constraint = R1cs["constraints"][number];

/** A compiled circuit that can be run and checked without keys. */
export class TestCircuit {
  readonly r1cs: R1cs;
  readonly #directory: string;
  #program: WitnessProgram | undefined;

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
    this.#program ??= await WitnessProgram.load(join(this.#directory, COMPILED.wasm));
    const lists = Object.entries(inputs).map(([name, values]) => [name, [values].flat()] as const);
    return this.#program.run(Object.fromEntries(lists));
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

import { readFile } from "node:fs/promises";

import { ensureInput, ensureInvariant, GlassboxError } from "../core/errors.ts";
import { FIELD_ORDER } from "./field.ts";

/** What the compiler's witness programs export (https://docs.circom.io, "Computing the witness"); numbers go through a window of 32-bit limbs. */
interface WitnessExports {
  init(sanityCheck: number): void;
  getFieldNumLen32(): number;
  getWitnessSize(): number;
  getInputSize(): number;
  getWitness(signal: number): void;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  setInputSignal(hashHigh: number, hashLow: number, place: number): void;
  readSharedRWMemory(limb: number): number;
  writeSharedRWMemory(limb: number, value: number): void;
}

const LIMBS = 8;
const REASONS = ["", "unknown signal", "too many signals", "signal set twice", "a constraint does not hold"];

/** A compiled circuit's program that computes its signals. Compiled once; every run has a memory of its own. */
export class WitnessProgram {
  readonly #module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  static async load(path: string): Promise<WitnessProgram> {
    return new WitnessProgram(new WebAssembly.Module(await readFile(path)));
  }

  /**
   * The values of all signals, the constant 1 first and the public ones next.
   * @throws GlassboxError `PROOFS_WITNESS_INVALID` if inputs are missing, too many, or outside the circuit's constraints
   */
  run(inputs: Readonly<Record<string, readonly bigint[]>>): bigint[] {
    const program = this.#start();
    const expected = program.getInputSize();
    const actual = Object.values(inputs).reduce((sum, values) => sum + values.length, 0);
    // With inputs missing the program would not run at all.
    ensureInput(actual === expected, "PROOFS_WITNESS_INVALID", "the circuit refuses these inputs", {
      details: { expected, actual },
    });
    for (const [name, values] of Object.entries(inputs)) {
      const [high, low] = nameHash(name);
      const size = program.getInputSignalSize(high, low);
      ensureInput(size === values.length, "PROOFS_WITNESS_INVALID", "the circuit refuses these inputs", {
        details: { name, expected: size, actual: values.length },
      });
      values.forEach((value, place) => {
        write(program, value);
        program.setInputSignal(high, low, place);
      });
    }
    return Array.from({ length: program.getWitnessSize() }, (_, signal) => {
      program.getWitness(signal);
      return read(program);
    });
  }

  #start(): WitnessExports {
    const refuse = (code: number): never => {
      throw new GlassboxError("usage", "PROOFS_WITNESS_INVALID", "the circuit refuses these inputs", {
        details: { reason: REASONS[code] ?? `code ${code}` },
      });
    };
    const silent = (): void => undefined;
    const runtime = {
      exceptionHandler: refuse,
      printErrorMessage: silent,
      writeBufferMessage: silent,
      showSharedRWMemory: silent,
    };
    const { exports } = new WebAssembly.Instance(this.#module, { runtime });
    const program = exports as unknown as WitnessExports;
    program.init(1);
    ensureInvariant(program.getFieldNumLen32() === LIMBS, "PROOFS_FIELD_UNEXPECTED", "not over a 254-bit field");
    return program;
  }
}

function write(program: WitnessExports, value: bigint): void {
  let rest = value % FIELD_ORDER;
  for (let limb = 0; limb < LIMBS; limb++, rest >>= 32n) program.writeSharedRWMemory(limb, Number(rest & 0xffffffffn));
}

function read(program: WitnessExports): bigint {
  let value = 0n;
  for (let limb = LIMBS - 1; limb >= 0; limb--) {
    value = (value << 32n) | BigInt(program.readSharedRWMemory(limb) >>> 0);
  }
  return value;
}

/** FNV-1a of 64 bits, by which programs name their inputs; as two 32-bit halves. */
function nameHash(name: string): [high: number, low: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

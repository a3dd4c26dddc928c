import { toHex, type Hex } from "../../src/core/bytes.ts";
import { tensorBytes } from "../../src/core/tensor.ts";
import { fileRoot, leafAt } from "../../src/crypto/file-tree.ts";
import { leafCount, paddedLeafCount } from "../../src/crypto/file-shape.ts";
import type { Detail } from "../../src/compute/dispute/detail.ts";
import { numbersOf, operationsOf, shapeOf, type Execution } from "../../src/compute/dispute/execution.ts";
import { fileLevels, KnownTree } from "../../src/compute/dispute/known-tree.ts";
import {
  openOperands,
  openRoot,
  type ElementPlace,
  type KnownExecution,
  type OperandOpening,
} from "../../src/compute/dispute/operands.ts";
import { encodeProgram } from "../../src/compute/program-file.ts";
import { SECTIONS } from "../../src/compute/program.ts";
import { encodeTrace } from "../../src/compute/trace.ts";

const NO_ROOT = toHex(new Uint8Array(32));

/** What `OneStepVerifier.judge` takes. */
export type JudgeArguments = readonly [
  execution: object,
  spot: object,
  leaf: Hex,
  element: number,
  operands: OperandOpening[],
];

/** An honest author's execution, of which any element can be put before the judge. */
export class JudgedExecution {
  readonly #detail: Detail;
  readonly #trace: Uint8Array;

  constructor(detail: Detail) {
    const { ends, program } = detail.execution;
    const roots = ends?.map(fileRoot);
    this.#detail = detail;
    this.#trace =
      roots === undefined
        ? new Uint8Array()
        : encodeTrace({ rounds: [{ start: NO_ROOT, ends: roots }], final: NO_ROOT }, program.parts);
  }

  get execution(): Execution {
    return this.#detail.execution;
  }

  /** Bytes of what an operation writes, as a file. */
  fileBytes(operation: number): number {
    const { program, section } = this.execution;
    const index = operationsOf(program, section)[operation]?.output ?? -1;
    return tensorBytes(shapeOf(program.tensors[index]!, numbersOf(this.execution)));
  }

  async arguments(place: ElementPlace): Promise<JudgeArguments> {
    const files = await this.#detail.step(place.step);
    const tensor = files.tensors[place.operation]!;
    const known: KnownExecution = {
      execution: this.execution,
      files,
      detail: new KnownTree(this.#detail.levels[0]!.length / 32, this.#detail.levels),
      record: files.record,
      tensor: { tree: treeOf(tensor), bytes: tensor },
      trace: { tree: treeOf(this.#trace), leaf: (index) => leafAt(this.#trace, index), endSlot: 1 },
    };
    const spot = {
      step: place.step,
      operation: place.operation,
      detailRoot: this.#detail.root,
      recordRoot: fileRoot(files.record),
      tensorRoot: toHex(
        openRoot(files.record, place.operation)
          .rootLeaf.subarray((place.operation % 8) * 32)
          .subarray(0, 32),
      ),
      leafIndex: place.leaf,
    };
    return [await this.#encoded(), spot, toHex(leafAt(tensor, place.leaf)), place.element, openOperands(known, place)];
  }

  async #encoded(): Promise<object> {
    const { program, section, seed, position, data, weights, ends, query, allocation } = this.execution;
    const numbers = numbersOf(this.execution);
    const input = weights ?? allocation?.credits ?? (ends && this.#trace);
    const terms = allocation && new Uint8Array(allocation.terms.buffer);
    return {
      program: fileRoot(encodeProgram(program)),
      section: SECTIONS.indexOf(section),
      position,
      samples: numbers.samples ?? 0,
      accounts: numbers.accounts ?? 0,
      credits: numbers.credits ?? 0,
      seed: toHex(seed),
      inputRoot: input === undefined ? NO_ROOT : fileRoot(input),
      inputSlot: 1,
      inputLeaves: ends === undefined ? 0 : paddedLeafCount(leafCount(this.#trace.length)),
      dataRoots: [data?.samples ?? query ?? allocation?.records, data?.labels].map((file) =>
        file ? fileRoot(file) : NO_ROOT,
      ),
      terms: [0, 32].map((at) => (terms ? toHex(terms.subarray(at, at + 32)) : NO_ROOT)),
      outputRoot: fileRoot(await this.#detail.output()),
    };
  }
}

function treeOf(file: Uint8Array): KnownTree {
  if (file.length === 0) return new KnownTree(1, undefined);
  const levels = fileLevels(file);
  return new KnownTree(levels[0]!.length / 32, levels);
}

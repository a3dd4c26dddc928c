import { lastState, type OpenedLeaf } from "../../compute/dispute/author-moves.ts";
import type { Detail } from "../../compute/dispute/detail.ts";
import type { Hex } from "../../core/bytes.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import type { MerkleLevels } from "../../crypto/merkle.ts";
import { TaskGate } from "../../storage/task-gate.ts";
import { ByteCache } from "./byte-cache.ts";

/** Executions held in memory with all their tensors. */
const MAX_DETAILS = 2;
/** Outlines take a few kilobytes each. */
const MAX_OUTLINES = 4_096;
/** Records and tensors that games have asked for. */
const MAX_FILE_BYTES = 2 ** 28;

/** What every game about an execution begins with. */
export interface Outline {
  readonly root: Hex;
  readonly height: number;
  readonly levels: MerkleLevels;
  readonly outputRoot: Hex;
  /** The leaf with the last state. */
  readonly last: OpenedLeaf;
}

/** Makes the detail of what a game is about: anew, or from the levels that it had when it was made first. */
export type MakeDetail<Subject> = (
  subject: Subject,
  levels: MerkleLevels | undefined,
  signal: AbortSignal,
) => Promise<Detail>;

/**
 * Computes what games ask of executions. Anybody can open many games about many executions at once, and each has some moves: so executions
 * are computed one after the other, and what a game has asked for is not computed again at its next move.
 */
export class DetailDesk<Subject> {
  readonly #make: MakeDetail<Subject>;
  readonly #gate = new TaskGate(1);
  /** What was used longest ago comes first. */
  readonly #details = new Map<string, Detail>();
  readonly #outlines = new Map<string, Outline>();
  readonly #files: ByteCache;

  constructor(make: MakeDetail<Subject>, maxFileBytes = MAX_FILE_BYTES) {
    this.#make = make;
    this.#files = new ByteCache(maxFileBytes);
  }

  /** @param name the same for the same execution only */
  async outline(name: string, subject: Subject, signal: AbortSignal): Promise<Outline> {
    const known = this.#outlines.get(name);
    if (known) return known;
    return this.#gate.run(async () => this.#outlines.get(name) ?? this.#sketch(name, subject, signal));
  }

  /** The record of a step. */
  record(name: string, subject: Subject, step: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#file(
      `${name}/${step}`,
      name,
      subject,
      signal,
      async (detail) => (await detail.step(step, signal)).record,
    );
  }

  /** The file of the tensor that an operation of a step wrote. */
  tensor(
    name: string,
    subject: Subject,
    { step, operation }: { readonly step: number; readonly operation: number },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const read = async (detail: Detail): Promise<Uint8Array> => detail.tensor(step, operation, signal);
    return this.#file(`${name}/${step}/${operation}`, name, subject, signal, read);
  }

  async #file(
    fileName: string,
    name: string,
    subject: Subject,
    signal: AbortSignal,
    read: (detail: Detail) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const known = this.#files.get(fileName);
    if (known) return known;
    return this.#gate.run(async () => {
      const meanwhile = this.#files.get(fileName);
      if (meanwhile) return meanwhile;
      const file = await read(await this.#detail(name, subject, signal));
      this.#files.set(fileName, file);
      return file;
    });
  }

  async #sketch(name: string, subject: Subject, signal: AbortSignal): Promise<Outline> {
    const detail = await this.#detail(name, subject, signal);
    const { root, height, levels } = detail;
    const outputRoot = fileRoot(await detail.output(signal));
    const outline = { root, height, levels, outputRoot, last: await lastState(detail, signal) };
    keepNewest(this.#outlines, name, outline, MAX_OUTLINES);
    return outline;
  }

  async #detail(name: string, subject: Subject, signal: AbortSignal): Promise<Detail> {
    const { levels } = this.#outlines.get(name) ?? {};
    const detail = this.#details.get(name) ?? (await this.#make(subject, levels, signal));
    keepNewest(this.#details, name, detail, MAX_DETAILS);
    return detail;
  }
}

function keepNewest<Value>(values: Map<string, Value>, name: string, value: Value, most: number): void {
  values.delete(name);
  values.set(name, value);
  const [oldest] = values.keys();
  if (values.size > most && oldest !== undefined) values.delete(oldest);
}

import { statSync } from "node:fs";

import { open, type RootDatabase } from "lmdb";

import { ensureInput, GlassboxError } from "../core/errors.ts";
import type { KeyValueChange, KeyValueStore } from "./key-value-store.ts";

/** After every printable ASCII character, and so after every key with a prefix. */
const AFTER_ASCII = "\u007f";

/** A store in one LMDB folder. Only one process may have it open. */
export class LmdbStore implements KeyValueStore {
  readonly #database: RootDatabase<Buffer, string>;
  #closed: Promise<void> | undefined;

  /** @throws GlassboxError `DB_OPEN_FAILED` if the folder can't be used. */
  constructor(folder: string) {
    // LMDB takes a file for its own database, and crashes the process if it is something else.
    const isFile = statSync(folder, { throwIfNoEntry: false })?.isFile() ?? false;
    ensureInput(!isFile, "DB_OPEN_FAILED", `${folder} is a file, not a folder`);
    try {
      // Without overlapping sync a commit resolves only after the disk has it.
      this.#database = open<Buffer, string>({
        path: folder,
        // Otherwise a dot in the name would make it a file.
        noSubdir: false,
        encoding: "binary",
        overlappingSync: false,
      });
    } catch (cause) {
      throw new GlassboxError("usage", "DB_OPEN_FAILED", `can't open a database at ${folder}`, { cause });
    }
  }

  get(key: string): Uint8Array | undefined {
    return this.#database.getBinary(key);
  }

  has(key: string): boolean {
    return this.#database.doesExist(key);
  }

  keys(prefix: string): string[] {
    return [...this.#database.getKeys({ start: prefix, end: prefix + AFTER_ASCII })];
  }

  async commit(changes: readonly KeyValueChange[]): Promise<void> {
    await this.#transact(() => {
      for (const { key, value } of changes) this.#apply(key, value);
    });
  }

  keepFirst(key: string, value: Uint8Array): Promise<Uint8Array> {
    // One process writes at a time, and what it reads meanwhile is the newest.
    return this.#transact(() => {
      const known = this.#database.getBinary(key);
      if (known) return known;
      this.#apply(key, value);
      return value.slice();
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#database.close();
    return this.#closed;
  }

  async #transact<T>(work: () => T): Promise<T> {
    if (this.#closed) throw new GlassboxError("bug", "DB_CLOSED", "the database is closed");
    try {
      return await this.#database.transaction(work);
    } catch (cause) {
      throw new GlassboxError("bug", "DB_COMMIT_FAILED", "the database did not take a commit", { cause });
    }
  }

  #apply(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) void this.#database.remove(key);
    else void this.#database.put(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  }
}

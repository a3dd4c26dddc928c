import { fileRoot } from "../../crypto/file-tree.ts";
import type { KeyValueStore } from "../../db/key-value-store.ts";
import type { FileReference, FileSource, SubmissionReader } from "../../storage/ports.ts";

const USES = "file-use/";

/**
 * Files that a job needs, of which each is asked for once: whoever has to answer with a file in a game must not depend on those who
 * store it, for they may be the ones who ask. Jobs of one store share files that are the same.
 */
export class KeptFiles implements FileSource {
  readonly #chain: SubmissionReader;
  readonly #storage: FileSource;
  readonly #store: KeyValueStore;
  readonly #job: string;

  constructor(chain: SubmissionReader, storage: FileSource, store: KeyValueStore, job: bigint) {
    this.#chain = chain;
    this.#storage = storage;
    this.#store = store;
    this.#job = job.toString();
  }

  async download(submission: number, signal: AbortSignal): Promise<Uint8Array> {
    const file = nameOf(await this.#chain.submission(submission));
    const kept = this.#store.get(keyOf(file));
    const bytes = kept ?? (await this.#storage.download(submission, signal));
    await this.#keep(file, bytes);
    return bytes;
  }

  /** Keeps a file; it survives the death of the process once this resolves. */
  async keep(bytes: Uint8Array): Promise<void> {
    await this.#keep(nameOf({ root: fileRoot(bytes), byteLength: bytes.length }), bytes);
  }

  /** Forgets the files of the job, but for those that another job needs. */
  async forget(): Promise<void> {
    const uses = this.#store.keys(USES);
    const own = uses.filter((use) => use.endsWith(`/${this.#job}`));
    const files = own.map((use) => use.slice(USES.length, -this.#job.length - 1));
    const unused = files.filter((file) => uses.filter((use) => use.startsWith(`${USES}${file}/`)).length === 1);
    await this.#store.commit([...own, ...unused.map(keyOf)].map((key) => ({ key, value: undefined })));
  }

  async #keep(file: string, value: Uint8Array): Promise<void> {
    const use = `${USES}${file}/${this.#job}`;
    if (this.#store.has(use)) return;
    const isKept = this.#store.has(keyOf(file));
    await this.#store.commit([
      { key: use, value: new Uint8Array(1) },
      ...(isKept ? [] : [{ key: keyOf(file), value }]),
    ]);
  }
}

function nameOf({ root, byteLength }: FileReference): string {
  return `${root}/${byteLength}`;
}

function keyOf(file: string): string {
  return `file/${file}`;
}

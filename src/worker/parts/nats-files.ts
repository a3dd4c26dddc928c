import { Objm, type ObjectStore } from "@nats-io/obj";
import { nanos, type NatsConnection } from "@nats-io/transport-node";

import type { Hex } from "../../core/bytes.ts";
import { fileRoot } from "../../crypto/file-tree.ts";

/** The next piece of a file comes within so long, or not at all: its server went away, or it was removed meanwhile. */
const STALL_MS = 5_000;
/** No file of a part is larger. */
const MAX_BYTES = 2 ** 29;

/** Files by name in an object store. What is read is checked by its root, so whoever writes there can withhold files but not replace them. */
export class NatsFiles {
  readonly #connection: NatsConnection;
  readonly #bucket: string;
  readonly #keepMs: number;
  /** When files that are there were put. */
  readonly #known = new Map<string, number>();
  /** Two writers of one file would take it away from readers. */
  readonly #putting = new Map<string, Promise<void>>();
  #store: Promise<ObjectStore> | undefined;

  constructor(connection: NatsConnection, bucket: string, keepMs: number) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#keepMs = keepMs;
  }

  /** Makes the store if it is not there. */
  async prepare(): Promise<void> {
    this.#known.clear();
    this.#store = undefined;
    await this.#opened();
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await (await this.#opened()).putBlob({ name }, bytes);
  }

  /** Puts a file under the name of its root unless it is there, for at least half the time that files are kept. */
  async ensure(root: Hex, bytes: Uint8Array): Promise<void> {
    const putting = this.#putting.get(root) ?? this.#ensure(root, bytes).finally(() => this.#putting.delete(root));
    this.#putting.set(root, putting);
    await putting;
  }

  /** The file of this name, if it has this root; undefined if it is not there, is another one, or does not come. */
  async get(name: string, root: Hex): Promise<Uint8Array | undefined> {
    const found = await (await this.#opened()).get(name);
    if (!found) return undefined;
    found.error.catch(() => undefined);
    const bytes = await readAll(found.data, found.info.size);
    return bytes && fileRoot(bytes) === root ? bytes : undefined;
  }

  async delete(name: string): Promise<void> {
    this.#known.delete(name);
    await (await this.#opened()).delete(name);
  }

  async #ensure(root: Hex, bytes: Uint8Array): Promise<void> {
    const isFresh = (since: number): boolean => Date.now() - since < this.#keepMs / 2;
    const known = this.#known.get(root);
    if (known !== undefined && isFresh(known)) return;
    const info = await (await this.#opened()).info(root);
    const since = info && !info.deleted && info.size === bytes.length ? Date.parse(info.mtime) : 0;
    if (!isFresh(since)) await this.put(root, bytes);
    this.#known.set(root, isFresh(since) ? since : Date.now());
  }

  #opened(): Promise<ObjectStore> {
    const opening = (this.#store ??= new Objm(this.#connection).create(this.#bucket, { ttl: nanos(this.#keepMs) }));
    opening.catch(() => {
      this.#store = undefined;
    });
    return opening;
  }
}

async function readAll(stream: ReadableStream<Uint8Array>, byteLength: number): Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  if (byteLength > MAX_BYTES) {
    await reader.cancel();
    return undefined;
  }
  const bytes = new Uint8Array(byteLength);
  for (let at = 0; ;) {
    const piece = await nextPiece(reader);
    if (piece === undefined || at + piece.length > byteLength) {
      await reader.cancel();
      return undefined;
    }
    if (piece.length === 0) return at === byteLength ? bytes : undefined;
    bytes.set(piece, at);
    at += piece.length;
  }
}

/** The next bytes, none at the end, undefined if they do not come. */
async function nextPiece(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  const { promise: stalled, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, STALL_MS, undefined);
  try {
    const next = await Promise.race([reader.read(), stalled]);
    return next && (next.value ?? new Uint8Array());
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps files in memory up to so many bytes; what was asked for longest ago goes first. */
export class ByteCache {
  readonly #maxBytes: number;
  readonly #files = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(name: string): Uint8Array | undefined {
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    this.#files.delete(name);
    this.#files.set(name, file);
    return file;
  }

  /** The newest file is kept however large it is. */
  set(name: string, file: Uint8Array): void {
    this.#drop(name);
    this.#files.set(name, file);
    this.#bytes += file.length;
    for (const older of this.#files.keys()) {
      if (this.#bytes <= this.#maxBytes || older === name) return;
      this.#drop(older);
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#files.get(name)?.length ?? 0;
    this.#files.delete(name);
  }
}

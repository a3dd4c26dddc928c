/** One change of a batch: a value to keep, or none to remove the key. */
export interface KeyValueChange {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/**
 * An ordered map from short text keys to bytes.
 * Keys hold printable ASCII only, so that their order is the same in every implementation.
 */
export interface KeyValueStore {
  /** The value of a key; the caller may keep and change the bytes. */
  get(key: string): Uint8Array | undefined;
  has(key: string): boolean;
  /** The keys that start with `prefix`, in ascending order. */
  keys(prefix: string): string[];
  /** Applies all changes or none. Once this resolves they survive the death of the process and of the machine. */
  commit(changes: readonly KeyValueChange[]): Promise<void>;
  /**
   * Keeps a value unless the key has one, in one step, also if several processes try at once.
   * @returns the value that the key has now; it survives as a commit does
   */
  keepFirst(key: string, value: Uint8Array): Promise<Uint8Array>;
  /** Waits for open commits, then releases the store. Safe to call twice. */
  close(): Promise<void>;
}

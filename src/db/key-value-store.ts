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
  /** Waits for open commits, then releases the store. Safe to call twice. */
  close(): Promise<void>;
}

/** What a caller may want to know of a failure beyond its code. */
export interface GlassboxErrorOptions {
  /** Values that explain the failure; shown by `--json`, so never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** One line that tells the user what to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The kinds of failure, each with the exit code the command line ends with.
 * `bug` is for broken invariants of our own; every other kind is expected and prints no stack.
 */
export const EXIT_CODES = { bug: 1, usage: 2, revert: 3, network: 4, check: 5 } as const;

/** A kind of failure. */
export type ErrorKind = keyof typeof EXIT_CODES;

/**
 * The only error this project throws.
 * `code` is stable and prefixed by the area, like `STORAGE_FILE_EMPTY`; `message` is one line.
 */
export class GlassboxError extends Error {
  override readonly name = "GlassboxError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: GlassboxErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }
}

/** Throws a `usage` error unless `condition` holds: for input that comes from outside. */
export function ensureInput(
  condition: boolean,
  code: string,
  message: string,
  options?: GlassboxErrorOptions,
): asserts condition {
  if (!condition) throw new GlassboxError("usage", code, message, options);
}

/** Throws a `check` error unless `condition` holds: for claims that were re-checked and are false. */
export function ensureCheck(
  condition: boolean,
  code: string,
  message: string,
  options?: GlassboxErrorOptions,
): asserts condition {
  if (!condition) throw new GlassboxError("check", code, message, options);
}

/** Throws a `bug` error unless `condition` holds: for what our own code guarantees. */
export function ensureInvariant(condition: boolean, code: string, message: string): asserts condition {
  if (!condition) throw new GlassboxError("bug", code, message);
}

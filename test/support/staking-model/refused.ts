/**
 * The model refuses an action. The contracts must refuse it too, with one of these errors: where several things are wrong, which one
 * they look at first is up to them.
 */
export class Refused extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(errors.join(" or "));
    this.errors = errors;
  }
}

/** Refuses with every reason that holds; goes on if none does. */
export function refuse(reasons: Readonly<Record<string, boolean>>): void {
  const errors = Object.keys(reasons).filter((error) => reasons[error]);
  if (errors.length > 0) throw new Refused(errors);
}

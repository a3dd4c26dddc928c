import { expect } from "chai";

import { type ErrorKind, GlassboxError } from "../../src/core/errors.ts";

/** Expects a rejection with a GlassboxError of this kind and code, and returns it. */
export async function expectGlassboxError(
  promise: Promise<unknown>,
  kind: ErrorKind,
  code: string,
): Promise<GlassboxError> {
  const error: unknown = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).to.be.instanceOf(GlassboxError);
  const { kind: actualKind, code: actualCode } = error as GlassboxError;
  expect({ kind: actualKind, code: actualCode }).to.deep.equal({ kind, code });
  return error as GlassboxError;
}

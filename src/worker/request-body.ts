import type { z } from "zod";

import { ensureInput } from "../core/errors.ts";

/** Of a refused body, the client learns so many faults. */
const MAX_FAULTS = 3;

/**
 * Checks a request's body.
 * @throws GlassboxError `HTTP_BODY_INVALID`.
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  ensureInput(
    parsed.success,
    "HTTP_BODY_INVALID",
    (parsed.error?.issues ?? [])
      .slice(0, MAX_FAULTS)
      .map((issue) => `${issue.path.join(".")}: ${issue.message}`.slice(0, 200))
      .join("; "),
  );
  return parsed.data;
}

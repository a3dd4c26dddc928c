import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One cache of circuits for the tests of a process that use the same ones: a set-up takes up to a minute. It goes with the process. */
export const SHARED_CACHE = mkdtempSync(join(tmpdir(), "glassbox-circuits-"));
process.once("exit", () => {
  rmSync(SHARED_CACHE, { recursive: true, force: true });
});

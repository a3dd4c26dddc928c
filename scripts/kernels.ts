import { fileURLToPath } from "node:url";

import { GlassboxError, ensureInput } from "../src/core/errors.ts";
import { buildKernels, checkKernels } from "./kernel-modules.ts";

const USAGE = `usage: node scripts/kernels.ts <command>
  build    compile the WebAssembly kernels and write their generated files
  check    compile them and compare the result with the committed files`;

const root = fileURLToPath(new URL("../", import.meta.url));
const [command = "", ...others] = process.argv.slice(2);
try {
  ensureInput(["build", "check"].includes(command) && others.length === 0, "KERNELS_USAGE", USAGE);
  await (command === "build" ? buildKernels(root) : checkKernels(root));
} catch (error) {
  if (!(error instanceof GlassboxError)) throw error;
  process.stderr.write(
    `kernels: ${error.message} [${error.code}]\n${error.cause instanceof Error ? error.cause.message : ""}`,
  );
  process.exitCode = error.kind === "usage" ? 2 : 5;
}

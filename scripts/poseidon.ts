import { fileURLToPath } from "node:url";

import { GlassboxError, ensureInput } from "../src/core/errors.ts";
import { buildPoseidon, checkPoseidon } from "./poseidon-parameters.ts";

const USAGE = `usage: node scripts/poseidon.ts <command>
  build    draw Poseidon's numbers and write the libraries that hold them
  check    draw them and compare with the committed libraries`;

const root = fileURLToPath(new URL("../", import.meta.url));
const [command = "", ...others] = process.argv.slice(2);
try {
  ensureInput(["build", "check"].includes(command) && others.length === 0, "POSEIDON_USAGE", USAGE);
  await (command === "build" ? buildPoseidon(root) : checkPoseidon(root));
} catch (error) {
  if (!(error instanceof GlassboxError)) throw error;
  process.stderr.write(`poseidon: ${error.message} [${error.code}]\n`);
  process.exitCode = error.kind === "usage" ? 2 : 5;
}

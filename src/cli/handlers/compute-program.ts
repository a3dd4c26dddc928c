import { writeFile } from "node:fs/promises";

import { encodeProgram, programRoot } from "../../compute/program-file.ts";
import { programText } from "../../compute/program-text.ts";
import { isTrainable, type Program } from "../../compute/program.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { readProgram } from "../actions/read-program.ts";
import { registerProgram } from "../actions/register-program.ts";
import type { Handler } from "../command.ts";
import { withSigningSession } from "../session.ts";
import { textOf } from "../values.ts";

/** Prints a program line by line. */
export const show: Handler = async (context, values) => {
  const program = await readProgram(context, textOf(values, "program"), values);
  context.result(summary(program), programText(program));
};

/** Writes the file of a program. */
export const build: Handler = async (context, values) => {
  const program = await readProgram(context, textOf(values, "program"), values);
  const file = textOf(values, "out");
  await writeFile(file, encodeProgram(program));
  context.result({ file, ...summary(program) }, `${programText(program)}\n\nwritten to ${file}`);
};

/** Registers a program on chain. */
export const register: Handler = async (context, values) => {
  const program = await readProgram(context, textOf(values, "program"), values);
  await withSigningSession(context, async ({ contracts, sender }) => {
    await registerProgram(contracts, sender, program);
    const root = programRoot(program);
    context.result({ programRoot: root }, `program ${root} is registered`);
  });
};

function summary(program: Program): object {
  const { parts, stepsPerPart, batch, tensors, operations, constants } = program;
  const file = encodeProgram(program);
  return {
    ...{ programRoot: fileRoot(file), bytes: file.length, isTrainable: isTrainable(program) },
    ...{ parts, stepsPerPart, batch, tensors: tensors.length, operations: operations.length },
    constants: [...constants.values()].map((constant) => fileRoot(constant)),
  };
}

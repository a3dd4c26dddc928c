import type { Command } from "../command.ts";
import { ARCHITECTURE_OPTIONS, NODE_OPTION, PROGRAM_ARGUMENT } from "./options.ts";

export const computeProgram: Command = {
  name: "program",
  summary: "Read and write programs: what a job computes, operation by operation.",
  example: "glassbox compute program show mlp:784-128-10",
  subcommands: [
    {
      name: "show",
      summary: "Print a program: its root, and a line for each tensor and operation.",
      example: "glassbox compute program show job:1",
      arguments: [PROGRAM_ARGUMENT],
      options: [...ARCHITECTURE_OPTIONS, NODE_OPTION],
      load: async () => (await import("../handlers/compute-program.ts")).show,
    },
    {
      name: "build",
      summary: "Write the file of a program, and print it.",
      example: "glassbox compute program build mlp:784-128-10 --parts 3 --out digits.program",
      arguments: [PROGRAM_ARGUMENT],
      options: [{ flag: "out", value: "file", summary: "where it is written" }, ...ARCHITECTURE_OPTIONS, NODE_OPTION],
      load: async () => (await import("../handlers/compute-program.ts")).build,
    },
    {
      name: "register",
      summary: "Have the chain validate and keep a program, as whatever is to be judged must be; anyone may.",
      example: "glassbox compute program register ./lande/program --dev-account 0",
      arguments: [PROGRAM_ARGUMENT],
      options: [...ARCHITECTURE_OPTIONS, NODE_OPTION],
      load: async () => (await import("../handlers/compute-program.ts")).register,
    },
  ],
};

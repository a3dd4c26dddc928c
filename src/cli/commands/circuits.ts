import type { Command } from "../command.ts";
import { NODE_OPTION } from "./options.ts";

export const circuits: Command = {
  name: "circuits",
  summary: "Compile circuits, make their keys, and check both.",
  example: "glassbox circuits list",
  subcommands: [
    {
      name: "list",
      summary: "List the circuits with their parameters and constraint budgets.",
      example: "glassbox circuits list",
      load: async () => (await import("../handlers/circuits.ts")).list,
    },
    {
      name: "build",
      summary: "Compile the inference circuit of a model version and make its development keys.",
      example: "glassbox circuits build 1",
      arguments: [{ name: "version", summary: "number of the model version" }],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/circuits.ts")).build,
    },
  ],
};

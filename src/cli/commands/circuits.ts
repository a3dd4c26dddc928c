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
    {
      name: "prove-training",
      summary:
        "Train Iris softmax regression, prove the whole run in one proof, and write model and proof into a folder.",
      example: "glassbox circuits prove-training --out ./iris",
      options: [
        {
          flag: "out",
          value: "folder",
          summary: "where program, weights, their description and the proof are written",
        },
        { flag: "circuit", value: "name", summary: "a training circuit (default: training-4-3-15x8, one epoch)" },
        { flag: "seed", value: "hex", summary: "32 bytes that fix weights and order" },
      ],
      load: async () => (await import("../handlers/training-proof.ts")).prove,
    },
    {
      name: "verify-training",
      summary: "Check that a folder's weights are the end of the training run that its proof is of.",
      example: "glassbox circuits verify-training ./iris",
      arguments: [{ name: "folder", summary: "what prove-training wrote" }],
      load: async () => (await import("../handlers/training-proof.ts")).verify,
    },
  ],
};

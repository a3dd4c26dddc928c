import type { Command } from "../command.ts";
import { NODE_OPTION } from "./options.ts";

export const verify: Command = {
  name: "verify",
  summary: "Re-check from chain and storage alone, without a key, and print the verdict on every edge.",
  example: "glassbox verify model 1",
  subcommands: [
    {
      name: "model",
      summary: "Walk a model version back to the signed label of every sample. Exit code 5 if an edge fails.",
      example: "glassbox verify model 1 --json",
      arguments: [{ name: "version", summary: "number of the model version" }],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/verify.ts")).model,
    },
    {
      name: "receipt",
      summary: "Check who signed a public answer, and repeat it if the model is at hand. Exit code 5 if an edge fails.",
      example: "glassbox verify receipt receipt.json --model ./lande",
      arguments: [{ name: "receipt", summary: "file that `model run --receipt` wrote" }],
      options: [{ flag: "model", value: "folder", summary: "the model that answered" }],
      load: async () => (await import("../handlers/verify.ts")).receipt,
    },
  ],
};

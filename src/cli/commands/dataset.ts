import type { Command } from "../command.ts";
import { NODE_OPTION } from "./options.ts";

export const dataset: Command = {
  name: "dataset",
  summary: "Publish datasets in which every sample has a source and a signed label.",
  example: "glassbox dataset show 1",
  subcommands: [
    {
      name: "publish",
      summary: "Import digits from the MNIST package, sign the labels with development keys, store and register them.",
      example: "glassbox dataset publish mnist --samples 16384 --dev-account 0",
      arguments: [{ name: "source", summary: "mnist" }],
      options: [
        { flag: "samples", value: "count", summary: "samples to take, a power of two", default: "16384" },
        NODE_OPTION,
      ],
      load: async () => (await import("../handlers/dataset.ts")).publish,
    },
    {
      name: "show",
      summary: "Show a registered dataset.",
      example: "glassbox dataset show 1",
      arguments: [{ name: "dataset", summary: "number of the dataset" }],
      load: async () => (await import("../handlers/dataset.ts")).show,
    },
  ],
};

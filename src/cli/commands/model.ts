import type { Command } from "../command.ts";
import { NODE_OPTION } from "./options.ts";

const version = { name: "version", summary: "number of the model version" };

export const model: Command = {
  name: "model",
  summary: "Own models: tokens, shares, revenue, and answers with proofs.",
  example: "glassbox model show 1",
  subcommands: [
    {
      name: "create",
      summary: "Create a model token; its holder opens the jobs for new versions.",
      example: "glassbox model create digits --dev-account 0",
      arguments: [{ name: "name", summary: "name of the model, at most 64 bytes" }],
      load: async () => (await import("../handlers/model.ts")).create,
    },
    {
      name: "show",
      summary: "Show a model version: where it came from and who owns it.",
      example: "glassbox model show 1",
      arguments: [version],
      load: async () => (await import("../handlers/model.ts")).show,
    },
    {
      name: "register-key",
      summary: "Register the verifying key of a version, under bond; the signing account holds the model token.",
      example: "glassbox model register-key 1 --dev-account 0",
      arguments: [version],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/model.ts")).registerVersionKey,
    },
    {
      name: "offer",
      summary: "Set the signing operator's price for one proven answer of a version.",
      example: "glassbox model offer 1 --price 0.01 --dev-account 4",
      arguments: [version],
      options: [{ flag: "price", value: "tokens", summary: "tokens for each answer" }],
      load: async () => (await import("../handlers/model.ts")).offer,
    },
    {
      name: "claim",
      summary: "Take the shares that a version's allocation gives the signing account.",
      example: "glassbox model claim 1 --dev-account 0",
      arguments: [version],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/model.ts")).claim,
    },
    {
      name: "withdraw",
      summary: "Take the revenue that the signing account's shares have earned.",
      example: "glassbox model withdraw 1 --dev-account 0",
      arguments: [version],
      load: async () => (await import("../handlers/model.ts")).withdraw,
    },
    {
      name: "run",
      summary: "Buy one answer: classify an image and check the proof.",
      example: "glassbox model run 1 digit.raw --worker http://127.0.0.1:5700 --dev-account 9",
      arguments: [version, { name: "image", summary: "784 bytes, one a pixel" }],
      options: [{ flag: "worker", value: "url", summary: "compute worker that answers (default: the first on chain)" }],
      load: async () => (await import("../handlers/model.ts")).run,
    },
  ],
};

import type { Command } from "../command.ts";
import { ARCHITECTURE_OPTIONS, DATA_OPTION, MODEL_OUT_OPTION, NODE_OPTION, PROGRAM_ARGUMENT } from "./options.ts";

const version = { name: "version", summary: "number of the model version" };

export const model: Command = {
  name: "model",
  summary: "Train and run models; own them: tokens, shares, revenue, and answers with proofs.",
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
      options: [
        {
          flag: "committed",
          summary: "of the circuit that takes the weights as committed: their twin must count by now",
        },
        NODE_OPTION,
      ],
      load: async () => (await import("../handlers/model-keys.ts")).register,
    },
    {
      name: "register-twin",
      summary: "Claim, under bond, the Poseidon twin of a version's weights, which a committed key needs.",
      example: "glassbox model register-twin 1 --dev-account 0",
      arguments: [version],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/model-keys.ts")).twin,
    },
    {
      name: "refute-key",
      summary: "Refute a version's key by a wrong answer that was settled under it: half of its bond is yours.",
      example: "glassbox model refute-key 1 digit.raw --dev-account 9",
      arguments: [version, { name: "input", summary: "file with the bytes that were asked" }],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/model-keys.ts")).refute,
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
      name: "train",
      summary: "Train a program on this machine, to the bits that a job would give, and write the model into a folder.",
      example: "glassbox model train mlp:784-128-10 --data mnist --rounds 74 --out ./digits",
      arguments: [PROGRAM_ARGUMENT],
      options: [
        DATA_OPTION,
        MODEL_OUT_OPTION,
        { flag: "rounds", value: "count", summary: "rounds of training (default: ten epochs)" },
        { flag: "seed", value: "hex", summary: "32 bytes that fix weights and order (default: the recipe's)" },
        { flag: "name", value: "text", summary: "name of the model (default: that of the data)" },
        ...ARCHITECTURE_OPTIONS,
        NODE_OPTION,
      ],
      load: async () => (await import("../handlers/local-model.ts")).train,
    },
    {
      name: "eval",
      summary: "Measure a model on test data.",
      example: "glassbox model eval ./digits --data mnist",
      arguments: [{ name: "model", summary: "folder of the model" }],
      options: [DATA_OPTION],
      load: async () => (await import("../handlers/local-model.ts")).evaluateModel,
    },
    {
      name: "download",
      summary: "Fetch the program and the weights of a version from storage into a folder.",
      example: "glassbox model download 1 --out ./digits",
      arguments: [version],
      options: [MODEL_OUT_OPTION, NODE_OPTION],
      load: async () => (await import("../handlers/model-files.ts")).download,
    },
    {
      name: "import",
      summary: "Turn a network that was trained elsewhere into a model: lande tells 50 languages apart.",
      example: "glassbox model import lande --out ./lande",
      arguments: [{ name: "source", summary: "lande" }],
      options: [MODEL_OUT_OPTION],
      load: async () => (await import("../handlers/model-files.ts")).importModel,
    },
    {
      name: "run",
      summary:
        "Get one answer: bought from a version's worker with a proof that is checked, or computed here from a folder.",
      example: "glassbox model run 1 digit.raw --worker http://127.0.0.1:5700 --dev-account 9",
      arguments: [
        { name: "model", summary: "number of the model version, or folder of a model" },
        { name: "input", summary: "file with the bytes that the model reads; for lande, with text" },
      ],
      options: [
        {
          flag: "worker",
          value: "url",
          summary: "compute worker that answers (default: of a version the first on chain, of a folder none)",
        },
        { flag: "receipt", value: "file", summary: "of a folder: where the worker's signed answer is written" },
      ],
      load: async () => (await import("../handlers/model.ts")).run,
    },
  ],
};

import type { Argument, Command } from "../command.ts";
import { NODE_OPTION } from "./options.ts";

const GAME_ARGUMENT: Argument = { name: "game", summary: "number of the game" };

export const computeDispute: Command = {
  name: "dispute",
  summary: "Look at games against claims, play them, and end those whose turn has passed.",
  example: "glassbox compute dispute list --job 1",
  subcommands: [
    {
      name: "list",
      summary: "List games: what comes next, whose turn it is and for how long, and the challenger's bond.",
      example: "glassbox compute dispute list --job 1",
      options: [
        { flag: "job", value: "number", summary: "only games against claims and parts of this job" },
        { flag: "claim", value: "number", summary: "with --job: only games against this one of its claims" },
        { flag: "account", value: "address", summary: "only games that this account plays, on either side" },
      ],
      load: async () => (await import("../handlers/compute-dispute.ts")).list,
    },
    {
      name: "show",
      summary: "Show a game with everything that was said in it.",
      example: "glassbox compute dispute show 1",
      arguments: [GAME_ARGUMENT],
      load: async () => (await import("../handlers/compute-dispute.ts")).show,
    },
    {
      name: "play",
      summary: "Play a game to its end, as its challenger or its author: whichever the signing account is.",
      example: "glassbox compute dispute play 1 --data ./coordinator --dev-account 10",
      arguments: [GAME_ARGUMENT],
      options: [
        {
          flag: "data",
          value: "folder",
          summary:
            "of an author: the folder of the coordinator that made the claim, or of the worker that signed the part or answer",
        },
        NODE_OPTION,
      ],
      load: async () => (await import("../handlers/dispute-play.ts")).play,
    },
    {
      name: "answer",
      summary:
        "Challenge a public answer that its model does not give, and play to the end. It takes a bond, which is lost if the answer is right.",
      example: "glassbox compute dispute answer receipt.json --model ./lande --dev-account 9",
      arguments: [{ name: "receipt", summary: "file that `model run --receipt` wrote" }],
      options: [{ flag: "model", value: "folder", summary: "the model that answered" }],
      load: async () => (await import("../handlers/dispute-answer.ts")).answer,
    },
    {
      name: "expire",
      summary: "End a game whose turn has passed: it is lost for whose turn it was. Anyone may.",
      example: "glassbox compute dispute expire 1 --dev-account 0",
      arguments: [GAME_ARGUMENT],
      load: async () => (await import("../handlers/compute-dispute.ts")).expire,
    },
  ],
};

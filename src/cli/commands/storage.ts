import type { Command } from "../command.ts";
import { listenOptions, NODE_OPTION } from "./options.ts";

export const storage: Command = {
  name: "storage",
  summary: "Store files, fetch them back checked, and run a storage worker.",
  example: "glassbox storage root README.md",
  subcommands: [
    {
      name: "root",
      summary: "Print the root of a file: its identity everywhere in Glassbox.",
      example: "glassbox storage root README.md",
      arguments: [{ name: "file", summary: "the file" }],
      load: async () => (await import("../handlers/storage.ts")).root,
    },
    {
      name: "upload",
      summary: "Submit a file on chain and hand it to storage workers.",
      example: "glassbox storage upload README.md --dev-account 8",
      arguments: [{ name: "file", summary: "the file" }],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/storage.ts")).upload,
    },
    {
      name: "download",
      summary: "Fetch a submission from storage workers and check every byte against the chain.",
      example: "glassbox storage download 0 copy.md",
      arguments: [
        { name: "submission", summary: "number of the submission" },
        { name: "file", summary: "file to write; must not exist" },
      ],
      options: [NODE_OPTION],
      load: async () => (await import("../handlers/storage.ts")).download,
    },
    {
      name: "worker",
      summary: "Run a storage worker: keep files, answer challenges, serve downloads.",
      example: "glassbox storage worker --data ./storage --port 5678 --dev-account 1",
      options: [
        { flag: "data", value: "folder", summary: "where the bytes live", default: "glassbox-storage" },
        ...listenOptions("5678"),
      ],
      load: async () => (await import("../handlers/storage-worker.ts")).worker,
    },
  ],
};

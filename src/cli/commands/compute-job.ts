import type { Argument, Command } from "../command.ts";
import { ARCHITECTURE_OPTIONS, NODE_OPTION, PROGRAM_ARGUMENT } from "./options.ts";

/** Names a job. */
export const JOB_ARGUMENT: Argument = { name: "job", summary: "number of the job" };

export const computeJob: Command = {
  name: "job",
  summary: "Open training jobs, look at them, accept their claims, and take what they owe.",
  example: "glassbox compute job status 1",
  subcommands: [
    {
      name: "open",
      summary: "Open a training job for a model on a dataset.",
      example: "glassbox compute job open --model 1 --dataset 1 --dev-account 0",
      options: [
        { flag: "model", value: "number", summary: "the model token that gets the new version" },
        { flag: "dataset", value: "number", summary: "the dataset to train on" },
        { flag: "program", value: "program", summary: `${PROGRAM_ARGUMENT.summary} (default: the recipe for digits)` },
        { flag: "rounds", value: "count", summary: "rounds of training (default: the recipe's)" },
        ...ARCHITECTURE_OPTIONS,
        NODE_OPTION,
      ],
      load: async () => (await import("../handlers/compute-job.ts")).open,
    },
    {
      name: "status",
      summary: "Show a job: its rules, who joined, its claim.",
      example: "glassbox compute job status 1",
      arguments: [JOB_ARGUMENT],
      load: async () => (await import("../handlers/compute-job.ts")).status,
    },
    {
      name: "accept",
      summary: "Accept a job's claim once its window is over and no game against it is open; anyone may.",
      example: "glassbox compute job accept 1 --dev-account 0",
      arguments: [JOB_ARGUMENT],
      load: async () => (await import("../handlers/compute-job.ts")).accept,
    },
    {
      name: "sweep",
      summary: "Give what watchers did not earn of a job's audit fee back to its opener; anyone may.",
      example: "glassbox compute job sweep 1 --dev-account 0",
      arguments: [JOB_ARGUMENT],
      load: async () => (await import("../handlers/compute-job.ts")).sweep,
    },
    {
      name: "claim",
      summary: "Take all that jobs, disputes and audits owe the signing account: fees, bonds, rewards and bounties.",
      example: "glassbox compute job claim --dev-account 10",
      load: async () => (await import("../handlers/compute-job.ts")).claim,
    },
  ],
};

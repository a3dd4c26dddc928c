import type { Command, Option } from "../command.ts";
import { ARCHITECTURE_OPTIONS, listenOptions, NODE_OPTION } from "./options.ts";

const THREADS_OPTION: Option = {
  flag: "threads",
  value: "count",
  summary: "parts that are computed at once, each on a thread",
  default: "1",
};

const CREDENTIALS_OPTION: Option = {
  flag: "queue-credentials",
  value: "file",
  summary: "credentials file for the queue's server",
};

const job = { name: "job", summary: "number of the job" };
const program = {
  name: "program",
  summary: "a file, job:<number>, digits:mlp, digits:cnn, or an architecture like mlp:784-128-10",
};

export const compute: Command = {
  name: "compute",
  summary: "Open training jobs and run the workers that train, coordinate and watch.",
  example: "glassbox compute status 1",
  subcommands: [
    {
      name: "open",
      summary: "Open a training job for a model on a dataset.",
      example: "glassbox compute open --model 1 --dataset 1 --dev-account 0",
      options: [
        { flag: "model", value: "number", summary: "the model token that gets the new version" },
        { flag: "dataset", value: "number", summary: "the dataset to train on" },
        { flag: "program", value: "program", summary: `${program.summary} (default: the recipe for digits)` },
        { flag: "rounds", value: "count", summary: "rounds of training (default: the recipe's)" },
        NODE_OPTION,
      ],
      load: async () => (await import("../handlers/compute.ts")).open,
    },
    {
      name: "status",
      summary: "Show a job: its rules, who joined, its claim.",
      example: "glassbox compute status 1",
      arguments: [job],
      load: async () => (await import("../handlers/compute.ts")).status,
    },
    {
      name: "accept",
      summary: "Accept a job's claim once its window is over; anyone may.",
      example: "glassbox compute accept 1 --dev-account 0",
      arguments: [job],
      load: async () => (await import("../handlers/compute.ts")).accept,
    },
    {
      name: "worker",
      summary: "Run a compute worker: train parts, answer paid questions with proofs.",
      example: "glassbox compute worker --data ./compute --port 5700 --dev-account 4",
      options: [
        {
          flag: "data",
          value: "folder",
          summary: "where all that was signed, and results, are kept",
          default: "glassbox-compute",
        },
        ...listenOptions("5700"),
        THREADS_OPTION,
        {
          flag: "serve",
          value: "folder",
          summary: "model that answers anyone, with signed receipts; may be repeated",
          many: true,
        },
        NODE_OPTION,
        { flag: "queue", value: "url", summary: "have parts computed over this NATS queue instead, by runners" },
        CREDENTIALS_OPTION,
        { flag: "parts", value: "count", summary: "with --queue: parts that are computed at once", default: "8" },
      ],
      load: async () => (await import("../handlers/compute-worker.ts")).worker,
    },
    {
      name: "runner",
      summary: "Compute parts that a compute worker puts into a queue; holds no key, signs nothing.",
      example: "glassbox compute runner --queue nats://127.0.0.1:4222 --threads 2",
      options: [
        { flag: "queue", value: "url", summary: "NATS server: nats://host:port, or nats://host:port/name" },
        CREDENTIALS_OPTION,
        THREADS_OPTION,
      ],
      load: async () => (await import("../handlers/compute-runner.ts")).runner,
    },
    {
      name: "coordinator",
      summary: "Run the rounds of one job: take the lease, assign parts, commit the claim.",
      example: "glassbox compute coordinator 1 --data ./coordinator --dev-account 4",
      arguments: [job],
      options: [
        { flag: "data", value: "folder", summary: "where the journal is kept", default: "glassbox-coordinator" },
        {
          flag: "watcher",
          value: "url",
          summary: "watcher that is asked before acceptance; may be repeated",
          many: true,
        },
      ],
      load: async () => (await import("../handlers/compute-coordinator.ts")).coordinator,
    },
    {
      name: "watch",
      summary: "Run a watcher: recompute every claim from chain and storage and say what differs.",
      example: "glassbox compute watch --port 5800",
      options: listenOptions("5800"),
      load: async () => (await import("../handlers/compute-watch.ts")).watch,
    },
    {
      name: "program",
      summary: "Read and write programs: what a job computes, operation by operation.",
      example: "glassbox compute program show mlp:784-128-10",
      subcommands: [
        {
          name: "show",
          summary: "Print a program: its root, and a line for each tensor and operation.",
          example: "glassbox compute program show job:1",
          arguments: [program],
          options: [...ARCHITECTURE_OPTIONS, NODE_OPTION],
          load: async () => (await import("../handlers/compute-program.ts")).show,
        },
        {
          name: "build",
          summary: "Write the file of a program, and print it.",
          example: "glassbox compute program build mlp:784-128-10 --parts 3 --out digits.program",
          arguments: [program],
          options: [
            { flag: "out", value: "file", summary: "where it is written" },
            ...ARCHITECTURE_OPTIONS,
            NODE_OPTION,
          ],
          load: async () => (await import("../handlers/compute-program.ts")).build,
        },
        {
          name: "register",
          summary: "Have the chain validate and keep a program, as whatever is to be judged must be; anyone may.",
          example: "glassbox compute program register ./lande/program --dev-account 0",
          arguments: [program],
          options: [...ARCHITECTURE_OPTIONS, NODE_OPTION],
          load: async () => (await import("../handlers/compute-program.ts")).register,
        },
      ],
    },
  ],
};

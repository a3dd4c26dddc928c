import type { Command, Option } from "../command.ts";
import { computeDispute } from "./compute-dispute.ts";
import { computeJob, JOB_ARGUMENT } from "./compute-job.ts";
import { computeProgram } from "./compute-program.ts";
import { listenOptions, NODE_OPTION } from "./options.ts";

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

export const compute: Command = {
  name: "compute",
  summary: "Open training jobs, dispute claims, and run the workers that train, coordinate and watch.",
  example: "glassbox compute job status 1",
  subcommands: [
    computeJob,
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
      arguments: [JOB_ARGUMENT],
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
      summary:
        "Run a watcher: recompute every claim. With an account it challenges those that differ: each game takes a bond, which comes back with half of the claim's bond if the game is won, and is lost if it is not.",
      example: "glassbox compute watch --port 5800 --dev-account 9",
      options: [
        ...listenOptions("5800"),
        {
          flag: "audit",
          value: "folder",
          summary:
            "also audit claims of jobs that pay for it, under bond, and keep their files here; the account must be an operator of the compute service",
        },
      ],
      load: async () => (await import("../handlers/compute-watch.ts")).watch,
    },
    computeDispute,
    computeProgram,
  ],
};

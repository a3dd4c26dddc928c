import type { Command } from "../command.ts";

export const demo: Command = {
  name: "demo",
  summary: "Run the whole system once on an embedded chain: from deployment to a verified, paid model.",
  example: "glassbox demo --json",
  options: [{ flag: "keep", value: "folder", summary: "keep the data and logs of every process in this folder" }],
  load: async () => (await import("../handlers/demo.ts")).demo,
};

export const devnet: Command = {
  name: "devnet",
  summary: "Run an embedded chain with contracts, storage and compute workers until Ctrl-C.",
  example: "glassbox devnet --json",
  options: [
    { flag: "port", value: "number", summary: "port of the chain (default, and 0: a free one)" },
    { flag: "storage-workers", value: "count", summary: "storage workers to start", default: "3" },
    { flag: "compute-workers", value: "count", summary: "compute workers to start", default: "3" },
    { flag: "keep", value: "folder", summary: "keep the data and logs of every process in this folder" },
  ],
  load: async () => (await import("../handlers/devnet.ts")).devnet,
};

export const deploy: Command = {
  name: "deploy",
  summary: "Deploy the contracts and write their addresses to deployments/<chain id>.json.",
  example: "glassbox deploy --rpc http://127.0.0.1:8545 --dev-account 0",
  options: [
    { flag: "params", value: "file", summary: "parameters (default: deployments/params/<chain id>.json)" },
    { flag: "reset", summary: "forget an earlier deployment to this chain instead of resuming it" },
  ],
  load: async () => (await import("../handlers/deploy.ts")).deploy,
};

export const test: Command = {
  name: "test",
  summary: "Check format, lint, types and layers, then run every test of the project.",
  example: "glassbox test",
  load: async () => (await import("../handlers/test.ts")).test,
};

import type { Command } from "./command.ts";
import { bench } from "./commands/bench.ts";
import { circuits } from "./commands/circuits.ts";
import { compute } from "./commands/compute.ts";
import { config, keys } from "./commands/local.ts";
import { dataset } from "./commands/dataset.ts";
import { demo, deploy, devnet, test } from "./commands/network.ts";
import { model } from "./commands/model.ts";
import { operator } from "./commands/operator.ts";
import { service } from "./commands/service.ts";
import { stake } from "./commands/stake.ts";
import { storage } from "./commands/storage.ts";
import { verify } from "./commands/verify.ts";

/** Everything the command line can do. */
export const COMMANDS: Command = {
  name: "glassbox",
  summary: "Pool data and compute, train together, own the model together, and verify everything.",
  example: "glassbox demo",
  subcommands: [
    demo,
    devnet,
    deploy,
    operator,
    stake,
    service,
    dataset,
    storage,
    compute,
    model,
    verify,
    circuits,
    keys,
    config,
    bench,
    test,
  ],
};

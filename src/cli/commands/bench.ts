import type { Command } from "../command.ts";

export const bench: Command = {
  name: "bench",
  summary: "Measure the system on this machine.",
  example: "glassbox bench staking --json",
  subcommands: [
    {
      name: "staking",
      summary: "Gas of stake, slashes, certificates and evidence, as whole transactions on an embedded chain.",
      example: "glassbox bench staking --json",
      load: async () => (await import("../handlers/bench.ts")).staking,
    },
    {
      name: "compute",
      summary: "Speed of training and of commitments on one thread, beside their peers in the same run.",
      example: "glassbox bench compute --json",
      load: async () => (await import("../handlers/bench.ts")).compute,
    },
  ],
};

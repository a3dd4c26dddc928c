import type { Command } from "../command.ts";

export const keys: Command = {
  name: "keys",
  summary: "Make and read encrypted keystores.",
  example: "glassbox keys new operator.json --password-file password.txt",
  subcommands: [
    {
      name: "new",
      summary: "Make a key and store it encrypted.",
      example: "glassbox keys new operator.json --password-file password.txt",
      arguments: [{ name: "file", summary: "keystore to write; must not exist" }],
      load: async () => (await import("../handlers/keys.ts")).create,
    },
    {
      name: "address",
      summary: "Print the address of the account that would sign.",
      example: "glassbox keys address --dev-account 0",
      load: async () => (await import("../handlers/keys.ts")).address,
    },
  ],
};

export const config: Command = {
  name: "config",
  summary: "Show the settings and where each comes from: flag, environment, file or default.",
  example: "glassbox config --json",
  load: async () => (await import("../handlers/config.ts")).config,
};

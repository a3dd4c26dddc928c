import type { Command } from "../command.ts";

const operatorArgument = { name: "operator", summary: "address of the operator" };

export const operator: Command = {
  name: "operator",
  summary: "Register as an operator and choose which services your stake secures.",
  example: "glassbox operator status 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  subcommands: [
    {
      name: "register",
      summary: "Register the signing account as an operator.",
      example: "glassbox operator register --endpoint http://127.0.0.1:5678 --dev-account 1",
      options: [
        { flag: "endpoint", value: "url", summary: "where the operator's worker answers", default: "" },
        { flag: "signer", value: "address", summary: "key the worker signs with (default: the signing account)" },
      ],
      load: async () => (await import("../handlers/operator.ts")).register,
    },
    {
      name: "join",
      summary: "Expose a share of the stake to a service; it takes effect after the delay.",
      example: "glassbox operator join storage --magnitude 0.5 --dev-account 1",
      arguments: [{ name: "service", summary: "storage, compute, or a service's number" }],
      options: [
        { flag: "magnitude", value: "share", summary: "share of the stake, above 0 and at most 1", default: "0.5" },
      ],
      load: async () => (await import("../handlers/operator.ts")).join,
    },
    {
      name: "status",
      summary: "Show an operator's stake, services and endpoint.",
      example: "glassbox operator status 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
      arguments: [operatorArgument],
      load: async () => (await import("../handlers/operator.ts")).status,
    },
  ],
};

export const stake: Command = {
  name: "stake",
  summary: "Delegate tokens to an operator and take them back.",
  example: "glassbox stake deposit 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 1000 --dev-account 8",
  subcommands: [
    {
      name: "deposit",
      summary: "Delegate tokens to an operator.",
      example: "glassbox stake deposit 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 1000 --dev-account 8",
      arguments: [operatorArgument, { name: "amount", summary: "tokens, with up to 18 decimals" }],
      load: async () => (await import("../handlers/stake.ts")).deposit,
    },
    {
      name: "withdraw",
      summary: "Ask for shares of the stake back; they can be claimed after the delay.",
      example: "glassbox stake withdraw 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 all --dev-account 8",
      arguments: [operatorArgument, { name: "shares", summary: "shares in base units, or all" }],
      load: async () => (await import("../handlers/stake.ts")).withdraw,
    },
    {
      name: "claim",
      summary: "Take what a withdrawal request pays, once its delay is over.",
      example: "glassbox stake claim 1 --dev-account 8",
      arguments: [{ name: "request", summary: "number of the request" }],
      load: async () => (await import("../handlers/stake.ts")).claim,
    },
    {
      name: "positions",
      summary: "Show what an account has delegated to an operator.",
      example: "glassbox stake positions 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --dev-account 8",
      arguments: [operatorArgument],
      load: async () => (await import("../handlers/stake.ts")).positions,
    },
  ],
};

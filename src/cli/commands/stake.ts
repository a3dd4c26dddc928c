import type { Argument, Command } from "../command.ts";
import { CALLDATA_OPTIONS, SINCE_OPTION } from "./options.ts";

const OPERATOR = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

const operatorArgument: Argument = { name: "operator", summary: "address of the operator" };
const whichOwner: Argument = {
  name: "account",
  summary: "address of the owner (default: the account)",
  optional: true,
};

export const stake: Command = {
  name: "stake",
  summary: "Delegate tokens to an operator and take them back.",
  example: `glassbox stake deposit ${OPERATOR} 1000 --dev-account 7`,
  subcommands: [
    {
      name: "deposit",
      summary: "Delegate tokens to an operator.",
      example: `glassbox stake deposit ${OPERATOR} 1000 --dev-account 7`,
      arguments: [operatorArgument, { name: "amount", summary: "tokens, with up to 18 decimals" }],
      options: [
        { flag: "approve", summary: "grant an allowance first, even if the token takes a signed permit" },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/stake.ts")).deposit,
    },
    {
      name: "withdraw",
      summary: "Ask for stake back; it can be claimed after the delay.",
      example: `glassbox stake withdraw ${OPERATOR} all --dev-account 7`,
      arguments: [operatorArgument, { name: "amount", summary: "tokens at their present value, or all" }],
      options: [
        { flag: "generation", value: "number", summary: "of an earlier generation of the operator's stake" },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/stake.ts")).withdraw,
    },
    {
      name: "claim",
      summary: "Take what a withdrawal request pays, once its delay is over.",
      example: "glassbox stake claim 1 --dev-account 7",
      arguments: [{ name: "request", summary: "number of the request" }],
      options: [{ flag: "to", value: "address", summary: "who is paid (default: who asked)" }, ...CALLDATA_OPTIONS],
      load: async () => (await import("../handlers/stake.ts")).claim,
    },
    {
      name: "positions",
      summary: "Show what an account has with every operator, and what is on its way out.",
      example: "glassbox stake positions --dev-account 7",
      arguments: [whichOwner],
      options: [SINCE_OPTION],
      load: async () => (await import("../handlers/positions.ts")).positions,
    },
    {
      name: "rewards",
      summary: "Show what an account's stake has earned, and an operator's commission, or claim all of it.",
      example: "glassbox stake rewards --claim --dev-account 7",
      arguments: [whichOwner],
      options: [
        { flag: "claim", summary: "pay everything that is owed to the signing account" },
        { flag: "to", value: "address", summary: "with --claim: who is paid (default: who earned it)" },
        SINCE_OPTION,
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/rewards.ts")).rewards,
    },
  ],
};

import type { Command, Option } from "../command.ts";
import { CALLDATA_OPTIONS } from "./options.ts";

const OPERATOR = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

const operatorArgument = { name: "operator", summary: "address of the operator" };
const whichOperator = {
  ...operatorArgument,
  summary: "address of the operator (default: the account)",
  optional: true,
};
const service = { name: "service", summary: "storage, compute, or a service's number" };
const SINCE_OPTION: Option = {
  flag: "since",
  value: "block",
  summary: "search the chain from this block on (default: the deployment's first)",
};

export const operator: Command = {
  name: "operator",
  summary: "Register as an operator and choose which services your stake secures.",
  example: `glassbox operator status ${OPERATOR}`,
  subcommands: [
    {
      name: "register",
      summary: "Register the signing account as an operator.",
      example: "glassbox operator register --endpoint http://127.0.0.1:5678 --dev-account 1",
      options: [
        { flag: "endpoint", value: "url", summary: "where the operator's worker answers", default: "" },
        { flag: "signer", value: "address", summary: "key the worker signs with (default: the signing account)" },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/operator.ts")).register,
    },
    {
      name: "update",
      summary: "Change the endpoint, or the part of the stake's rewards that the operator keeps.",
      example: "glassbox operator update --commission 0.05 --dev-account 1",
      options: [
        { flag: "endpoint", value: "url", summary: "where the operator's worker answers; empty for nowhere" },
        { flag: "commission", value: "part", summary: "part of rewards to keep, 0 to 1; a rise takes the delay" },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/operator.ts")).update,
    },
    {
      name: "keys",
      summary: "Show an operator's keys, or replace the signer or the BLS key of the signing operator.",
      example: "glassbox operator keys --bls 0 --dev-account 1",
      arguments: [whichOperator],
      options: [
        { flag: "signer", value: "address", summary: "key the worker signs with from now on" },
        {
          flag: "bls",
          value: "number",
          summary: "set the BLS key that this number derives from the account's secret key, first 0",
        },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/operator-keys.ts")).keys,
    },
    {
      name: "join",
      summary: "Expose a share of the stake to a service, or another share of it; takes effect after the delay.",
      example: "glassbox operator join storage --magnitude 0.5 --dev-account 1",
      arguments: [service],
      options: [
        {
          flag: "magnitude",
          value: "share",
          summary: "share of the stake, above 0 and at most 1 (default: as announced before, or 0.5)",
        },
        { flag: "seat", value: "number", summary: "seat to take, in a service that has seats" },
        SINCE_OPTION,
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/operator.ts")).join,
    },
    {
      name: "leave",
      summary: "Leave a service: no new obligations at once, no member after the delay.",
      example: "glassbox operator leave storage --dev-account 1",
      arguments: [service],
      options: [
        { flag: "free", summary: "take the share of the stake back too: for a service alone in its group" },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/operator.ts")).leave,
    },
    {
      name: "exposure",
      summary: "Show who can slash how much of an operator's stake, and what is announced.",
      example: `glassbox operator exposure ${OPERATOR}`,
      arguments: [whichOperator],
      options: [SINCE_OPTION],
      load: async () => (await import("../handlers/operator-exposure.ts")).exposure,
    },
    {
      name: "status",
      summary: "Show an operator's keys, endpoint, stake and services.",
      example: `glassbox operator status ${OPERATOR}`,
      arguments: [whichOperator],
      options: [SINCE_OPTION],
      load: async () => (await import("../handlers/operator-exposure.ts")).status,
    },
  ],
};

export const stake: Command = {
  name: "stake",
  summary: "Delegate tokens to an operator and take them back.",
  example: `glassbox stake deposit ${OPERATOR} 1000 --dev-account 8`,
  subcommands: [
    {
      name: "deposit",
      summary: "Delegate tokens to an operator.",
      example: `glassbox stake deposit ${OPERATOR} 1000 --dev-account 8`,
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
      example: `glassbox stake withdraw ${OPERATOR} all --dev-account 8`,
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
      example: "glassbox stake claim 1 --dev-account 8",
      arguments: [{ name: "request", summary: "number of the request" }],
      options: [{ flag: "to", value: "address", summary: "who is paid (default: who asked)" }, ...CALLDATA_OPTIONS],
      load: async () => (await import("../handlers/stake.ts")).claim,
    },
    {
      name: "positions",
      summary: "Show what an account has with every operator, and what is on its way out.",
      example: "glassbox stake positions --dev-account 8",
      arguments: [{ name: "account", summary: "address of the owner (default: the account)", optional: true }],
      options: [SINCE_OPTION],
      load: async () => (await import("../handlers/positions.ts")).positions,
    },
    {
      name: "rewards",
      summary: "Show what an account's stake has earned, and an operator's commission, or claim all of it.",
      example: "glassbox stake rewards --claim --dev-account 8",
      arguments: [{ name: "account", summary: "address of the owner (default: the account)", optional: true }],
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

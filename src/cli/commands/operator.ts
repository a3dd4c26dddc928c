import type { Argument, Command } from "../command.ts";
import { CALLDATA_OPTIONS, SERVICE_ARGUMENT, SINCE_OPTION } from "./options.ts";

const OPERATOR = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

const whichOperator: Argument = {
  name: "operator",
  summary: "address of the operator (default: the account)",
  optional: true,
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
      arguments: [SERVICE_ARGUMENT],
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
      arguments: [SERVICE_ARGUMENT],
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

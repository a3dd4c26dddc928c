import type { Command, Option } from "../command.ts";
import { CALLDATA_OPTIONS, listenOptions, SERVICE_ARGUMENT } from "./options.ts";

const INBOX = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

const SERVICE_RPC: Option = {
  flag: "service-rpc",
  value: "url",
  summary: "JSON-RPC endpoint of the service's own chain",
};
const EPOCH: Option = { flag: "epoch", value: "number", summary: "epoch of staking (default: the present one)" };

export const service: Command = {
  name: "service",
  summary: "Create a service that stake secures, and run what carries its validators and their votes.",
  example: "glassbox service table 3",
  subcommands: [
    {
      name: "create",
      summary: "Create a service. Nothing of it ever changes; nobody's stake is exposed until operators join.",
      example: "glassbox service create --seats 64 --dev-account 0",
      options: [
        {
          flag: "seats",
          value: "number",
          summary: "validators at most, up to 200; 0: no validator tables",
          default: "0",
        },
        {
          flag: "verifier",
          value: "address",
          summary: "who judges evidence (default: the deployment's judge of votes)",
        },
        {
          flag: "group",
          value: "number",
          summary: "group whose stake it shares (default: a new one of its own)",
        },
        { flag: "obligation", value: "seconds", summary: "longest obligation (default: the deployment's delay)" },
        {
          flag: "cap",
          value: "share",
          summary: "the most that one epoch's verdicts take of a magnitude",
          default: "1",
        },
        { flag: "sink", value: "address", summary: "where slashed stake goes (default: it is burnt)" },
        { flag: "obligor", value: "address", summary: "who reserves stake in its name (default: nobody)" },
        ...CALLDATA_OPTIONS,
      ],
      load: async () => (await import("../handlers/service.ts")).create,
    },
    {
      name: "table",
      summary: "Recompute an epoch's validator table from the chain's history, and compare it with the one on chain.",
      example: "glassbox service table 3",
      arguments: [SERVICE_ARGUMENT],
      options: [EPOCH, { flag: "build", summary: "build it on chain if it is not there yet; anyone may" }],
      load: async () => (await import("../handlers/service.ts")).table,
    },
    {
      name: "inbox",
      summary: "Create an inbox on the service's own chain that begins with an epoch's validator table.",
      example: "glassbox service inbox 3 --service-rpc http://127.0.0.1:8546 --dev-account 0",
      arguments: [SERVICE_ARGUMENT],
      options: [
        SERVICE_RPC,
        { flag: "max-age", value: "seconds", summary: "how long it believes a set (default: half of the delay)" },
        EPOCH,
      ],
      load: async () => (await import("../handlers/service-inbox.ts")).inbox,
    },
    {
      name: "relay",
      summary: "Keep an inbox at the present epoch: build tables, collect header votes, advance it.",
      example: `glassbox service relay 3 --inbox ${INBOX} --service-rpc http://127.0.0.1:8546 --dev-account 10`,
      arguments: [SERVICE_ARGUMENT],
      options: [
        { flag: "inbox", value: "address", summary: "the service's inbox on its own chain" },
        SERVICE_RPC,
        { flag: "once", summary: "end after one attempt" },
      ],
      load: async () => (await import("../handlers/service-relay.ts")).relay,
    },
    {
      name: "sign",
      summary:
        "Run a signer: sign true headers for anyone and other votes for the token's holder, never two for one position.",
      example: "glassbox service sign 3 --data ./signer --port 5801 --dev-account 1",
      arguments: [SERVICE_ARGUMENT],
      options: [
        {
          flag: "data",
          value: "folder",
          summary: "journal of what was signed: one for an operator, for ever",
          default: "glassbox-signer",
        },
        { flag: "key", value: "number", summary: "number of the operator's BLS key", default: "0" },
        { flag: "operator", value: "address", summary: "the operator (default: the account)" },
        {
          flag: "token-file",
          value: "file",
          summary: "secret that allows any vote (default: only headers are signed)",
        },
        { flag: "confirmations", value: "blocks", summary: "depth at which an epoch's table is signed", default: "12" },
        {
          flag: "first-epoch",
          value: "number",
          summary: "first epoch that a NEW journal signs in, if nothing was signed in it (default: the next)",
        },
        ...listenOptions("5801"),
      ],
      load: async () => (await import("../handlers/service-sign.ts")).sign,
    },
    {
      name: "watch",
      summary: "Run a watcher: take votes and certificates, find contradictions, report them and claim the bounty.",
      example: "glassbox service watch 3 --data ./votes --port 5802 --dev-account 9",
      arguments: [SERVICE_ARGUMENT],
      options: [
        { flag: "data", value: "folder", summary: "where votes and reports are kept", default: "glassbox-votes" },
        { flag: "inbox", value: "address", summary: "the service's inbox on its own chain, to be watched too" },
        SERVICE_RPC,
        {
          flag: "consumer",
          value: "address",
          summary: "contract there that takes certificates; may be repeated",
          many: true,
        },
        { flag: "service-since", value: "block", summary: "block there in which the inbox was created", default: "0" },
        ...listenOptions("5802"),
      ],
      load: async () => (await import("../handlers/service-watch.ts")).watch,
    },
  ],
};

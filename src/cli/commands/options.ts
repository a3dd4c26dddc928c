import type { Argument, Option } from "../command.ts";

/** Replaces the storage workers that the chain knows. */
export const NODE_OPTION: Option = {
  flag: "node",
  value: "url",
  summary: "storage worker to use (default: those on chain); may be repeated",
  many: true,
};

/** For every command that goes through `transact`. */
export const CALLDATA_OPTIONS: readonly Option[] = [
  { flag: "calldata", summary: "print {to, data, value} of each transaction instead of sending, e.g. for a multisig" },
  { flag: "from", value: "address", summary: "with --calldata: the account that will send" },
];

/** Where a process answers. */
export function listenOptions(port: string): Option[] {
  return [
    { flag: "host", value: "address", summary: "address to listen on", default: "127.0.0.1" },
    { flag: "port", value: "number", summary: "port to listen on; 0 picks a free one", default: port },
  ];
}

/** For commands that search the chain's events. */
export const SINCE_OPTION: Option = {
  flag: "since",
  value: "block",
  summary: "search the chain from this block on (default: the deployment's first)",
};

/** What `serviceNamed` reads. */
export const SERVICE_ARGUMENT: Argument = { name: "service", summary: "storage, compute, or a service's number" };

/** What `readProgram` reads. */
export const PROGRAM_ARGUMENT: Argument = {
  name: "program",
  summary: "a file, job:<number>, digits:mlp, digits:cnn, iris:softmax, or an architecture like mlp:784-128-10",
};

/** What `readProgram` reads besides the program's name. */
export const ARCHITECTURE_OPTIONS: readonly Option[] = [
  { flag: "parts", value: "count", summary: "of an architecture: parts of a round (default: 1)" },
  { flag: "batch", value: "count", summary: "of an architecture: samples of a step (default: 128)" },
  { flag: "steps", value: "count", summary: "of an architecture: steps of a part (default: 64)" },
  { flag: "rate", value: "number", summary: "of an architecture: learning rate (default: 0.5)" },
];

/** Where `writeModelFolder` writes. */
export const MODEL_OUT_OPTION: Option = {
  flag: "out",
  value: "folder",
  summary: "where program, weights and their description are written",
};

/** What `readSamples` reads. */
export const DATA_OPTION: Option = {
  flag: "data",
  value: "source",
  summary: "mnist, iris, or a folder in the format of MNIST",
};

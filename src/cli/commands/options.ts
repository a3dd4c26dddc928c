import type { Option } from "../command.ts";

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

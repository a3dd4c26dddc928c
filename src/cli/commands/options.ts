import type { Option } from "../command.ts";

/** Replaces the storage workers that the chain knows. */
export const NODE_OPTION: Option = {
  flag: "node",
  value: "url",
  summary: "storage worker to use (default: those on chain); may be repeated",
  many: true,
};

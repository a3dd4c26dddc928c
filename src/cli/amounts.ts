import { formatUnits, getAddress, isAddress, parseUnits } from "ethers";

import type { Hex } from "../core/bytes.ts";
import { ensureInput, GlassboxError } from "../core/errors.ts";

/** The deployment's token has 18 decimals. */
const DECIMALS = 18;
/** What people want to see of a fraction. */
const SHOWN_DECIMALS = 6;
/** What the narrowest amount of the contracts holds. */
const MAX_AMOUNT_WEI = 2n ** 128n - 1n;

/** Reads a positive amount of tokens, like `12.5`, as base units. */
export function parseTokens(text: string): bigint {
  let amountWei: bigint;
  try {
    amountWei = parseUnits(text, DECIMALS);
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_AMOUNT_INVALID", `not an amount of tokens: ${text}`, {
      cause,
      hint: `amounts are whole tokens or decimals like 12.5, with at most ${DECIMALS} decimals`,
    });
  }
  const isUsable = amountWei > 0n && amountWei <= MAX_AMOUNT_WEI;
  ensureInput(isUsable, "CLI_AMOUNT_INVALID", `the amount must be above zero and below 2^128 base units, got ${text}`);
  return amountWei;
}

/** Shows base units as tokens. */
export function formatTokens(amountWei: bigint): string {
  return `${trimmed(amountWei)} tokens`;
}

/** Shows base units as tokens for people: grouped, rounded down to six decimals. */
export function showTokens(amountWei: bigint): string {
  const [whole = "", decimals = ""] = formatUnits(amountWei, DECIMALS).split(".");
  const shown = decimals.slice(0, SHOWN_DECIMALS).replace(/0+$/, "");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  if (amountWei > 0n && whole === "0" && shown === "") return `less than 0.${"1".padStart(SHOWN_DECIMALS, "0")} tokens`;
  return `${grouped}${shown === "" ? "" : `.${shown}`} tokens`;
}

/** Reads a share above 0 and at most 1, like `0.5`, on the scale of 1e18. */
export function parseShare(text: string, name: string): bigint {
  const wad = /^[01](\.\d{1,18})?$/.test(text) ? parseUnits(text, DECIMALS) : 0n;
  const isShare = wad > 0n && wad <= 10n ** BigInt(DECIMALS);
  ensureInput(isShare, "CLI_SHARE_INVALID", `${name} takes a number above 0 and at most 1, got ${text}`);
  return wad;
}

/** Reads a part from 0 to 1, like `0.05`, in 1/10,000. */
export function parseBps(text: string, name: string): bigint {
  const isPart = /^(0(\.\d{1,4})?|1(\.0{1,4})?)$/.test(text);
  ensureInput(isPart, "CLI_PART_INVALID", `${name} takes a number from 0 to 1 with at most 4 decimals, got ${text}`);
  return parseUnits(text, 4);
}

/** Shows a share on the scale of 1e18. */
export function formatShare(wad: bigint): string {
  return `${trimmed(wad * 100n)} %`;
}

/** Shows a part of a whole to people, rounded down to four decimals of a percent. */
export function showPart(part: bigint, whole: bigint): string {
  return `${whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 10_000} %`;
}

/** Shows a part in 1/10,000. */
export function showBps(bps: bigint): string {
  return showPart(bps, 10_000n);
}

/** Reads an address; one in mixed case must have the right checksum. */
export function parseAddress(text: string): string {
  const isMisspelt = /^0x[0-9a-fA-F]{40}$/.test(text);
  ensureInput(isAddress(text), "CLI_ADDRESS_INVALID", `not an address: ${text}`, {
    hint: isMisspelt
      ? "capital letters are its checksum, which fails: compare it with the source"
      : "an address is 0x and 40 hexadecimal digits",
  });
  return getAddress(text);
}

/** Reads a non-negative whole number. */
export function parseCount(text: string, name: string, max: number): number {
  const count = Number(text);
  const valid = /^\d+$/.test(text) && count <= max;
  const range = max === Number.MAX_SAFE_INTEGER ? "" : ` up to ${max}`;
  ensureInput(valid, "CLI_NUMBER_INVALID", `${name} takes a whole number${range}, got ${text}`);
  return count;
}

/** Reads a port of this machine; 0 picks a free one. */
export function parsePort(text: string): number {
  return parseCount(text, "--port", 65_535);
}

/** Reads what weights and order of a training follow from. */
export function parseSeed(text: string): Hex {
  ensureInput(/^0x[0-9a-fA-F]{64}$/.test(text), "CLI_SEED_INVALID", `--seed takes 0x and 64 hex digits, got ${text}`);
  return text as Hex;
}

/** Reads where a worker answers. */
export function parseWorkerUrl(text: string): string {
  ensureInput(URL.canParse(text), "CLI_URL_INVALID", `--worker takes a URL, got ${text}`);
  return text;
}

/** Reads the number of a model, job, dataset or version. */
export function parseId(text: string, name: string): bigint {
  return BigInt(parseCount(text, name, Number.MAX_SAFE_INTEGER));
}

function trimmed(scaled: bigint): string {
  return formatUnits(scaled, DECIMALS).replace(/\.0$/, "");
}

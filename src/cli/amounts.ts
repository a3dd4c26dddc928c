import { formatUnits, getAddress, isAddress, parseUnits } from "ethers";

import { ensureInput, GlassboxError } from "../core/errors.ts";

/** The deployment's token has 18 decimals. */
const DECIMALS = 18;

/** Reads a positive amount of tokens, like `12.5`, as base units. */
export function parseTokens(text: string): bigint {
  let amountWei: bigint;
  try {
    amountWei = parseUnits(text, DECIMALS);
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_AMOUNT_INVALID", `not an amount of tokens: ${text}`, { cause });
  }
  ensureInput(amountWei > 0n, "CLI_AMOUNT_INVALID", "the amount must be above zero");
  return amountWei;
}

/** Shows base units as tokens. */
export function formatTokens(amountWei: bigint): string {
  return `${formatUnits(amountWei, DECIMALS)} tokens`;
}

/** Reads an address; one in mixed case must have the right checksum. */
export function parseAddress(text: string): string {
  ensureInput(isAddress(text), "CLI_ADDRESS_INVALID", `not an address: ${text}`);
  return getAddress(text);
}

/** Reads a non-negative whole number. */
export function parseCount(text: string, name: string, max: number): number {
  const count = Number(text);
  const valid = /^\d+$/.test(text) && count <= max;
  ensureInput(valid, "CLI_NUMBER_INVALID", `${name} takes a whole number up to ${max}, got ${text}`);
  return count;
}

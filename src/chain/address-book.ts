import { readFile, rename, writeFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import { getAddress, isAddress } from "ethers";
import { z } from "zod";

import { ensureInput, GlassboxError } from "../core/errors.ts";
import { CONTRACT_NAMES, type ContractName } from "./contract-names.ts";

/** With the checksum: logs are compared with it letter by letter. */
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .refine(isAddress, "the address has another checksum")
  .overwrite((text) => (isAddress(text) ? getAddress(text) : text));

const bookSchema = z.strictObject({
  chainId: z.int().positive(),
  /** Block of the first deployment transaction: no event of this deployment is older. */
  startBlock: z.int().nonnegative(),
  /** ISO 8601. */
  deployedAt: z.string(),
  contracts: z.record(z.enum(CONTRACT_NAMES), address),
});

/** Where one deployment's contracts are: the content of `deployments/<chainId>.json`. */
export interface AddressBook {
  readonly chainId: number;
  readonly startBlock: number;
  readonly deployedAt: string;
  readonly contracts: Readonly<Record<ContractName, string>>;
}

/**
 * Checks an address book that comes from a file or a stranger.
 * @throws GlassboxError `CHAIN_ADDRESS_BOOK_INVALID`.
 */
export function parseAddressBook(value: unknown): AddressBook {
  const parsed = bookSchema.safeParse(value);
  ensureInput(parsed.success, "CHAIN_ADDRESS_BOOK_INVALID", "the address book does not have the expected form", {
    details: { problems: parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) },
    hint: "deployments/schema.json describes the form; `glassbox deploy` writes such a file",
  });
  return parsed.data;
}

/** The JSON Schema of an address book, as written to `deployments/schema.json`. */
export function addressBookJsonSchema(): object {
  return z.toJSONSchema(bookSchema);
}

/**
 * Reads an address book from a file.
 * @throws GlassboxError `CHAIN_ADDRESS_BOOK_MISSING` or `CHAIN_ADDRESS_BOOK_INVALID`.
 */
export async function readAddressBook(path: string): Promise<AddressBook> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new GlassboxError("usage", "CHAIN_ADDRESS_BOOK_MISSING", `no address book at ${path}`, {
      cause,
      hint: "run `glassbox deploy` first, or point --address-book at the deployment's file",
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GlassboxError("usage", "CHAIN_ADDRESS_BOOK_INVALID", `${path} is not JSON`, { cause });
  }
  return parseAddressBook(value);
}

/** Writes an address book so that a reader never sees half of it. */
export async function writeAddressBook(path: string, book: AddressBook): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(parseAddressBook(book), null, 2)}\n`);
  await rename(partial, path);
}

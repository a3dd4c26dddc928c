import { utf8ToBytes } from "@noble/hashes/utils.js";

import { type Hex, fromHex } from "../core/bytes.ts";
import { ensureInput } from "../core/errors.ts";

import { keccak256 } from "./keccak.ts";

/**
 * Typed structured data of EIP-712, for structs whose members take one 32-byte word each, `bytes` by their hash: every message of Glassbox is
 * one.
 * https://eips.ethereum.org/EIPS/eip-712
 */

/** The member types a message may have. */
export type Eip712MemberType = "address" | "bytes" | "bytes32" | "uint8" | "uint32" | "uint64" | "uint256";

/** Member names with their types, in the struct's order. */
export type Eip712Members = Readonly<Record<string, Eip712MemberType>>;

/** A struct type with its hash. */
export interface Eip712Type<Members extends Eip712Members> {
  readonly name: string;
  readonly members: Members;
  readonly typeHash: Uint8Array;
}

type ValueOf<Type> = Type extends "address" | "bytes" | "bytes32"
  ? Hex
  : Type extends "uint8" | "uint32"
    ? number
    : bigint;

/** The message a struct type describes: hex for addresses, words and bytes, numbers up to 32 bits, bigint above. */
export type Eip712Message<Members extends Eip712Members> = {
  readonly [Name in keyof Members]: ValueOf<Members[Name]>;
};

/** What a signature is bound to besides its message; name and version are the same in all of Glassbox. */
export interface Eip712Domain {
  readonly chainId: number | bigint;
  readonly verifyingContract: Hex;
}

/** The domain's name, as `EIP712("Glassbox", "1")` in the contracts. */
export const DOMAIN_NAME = "Glassbox";
/** The domain's version. */
export const DOMAIN_VERSION = "1";

const WORD = 32;
const BYTE_LENGTHS = { address: 20, bytes32: 32, uint8: 1, uint32: 4, uint64: 8, uint256: 32 } as const;

const DOMAIN_TYPE_HASH = keccak256(
  utf8ToBytes("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

/** Declares a struct type. */
export function eip712Type<const Members extends Eip712Members>(name: string, members: Members): Eip712Type<Members> {
  const list = Object.entries(members).map(([member, type]) => `${type} ${member}`);
  return { name, members, typeHash: keccak256(utf8ToBytes(`${name}(${list.join(",")})`)) };
}

/** The domain separator of one verifying contract. */
function domainSeparator(domain: Eip712Domain): Uint8Array {
  const words = new Uint8Array(5 * WORD);
  words.set(DOMAIN_TYPE_HASH, 0);
  words.set(keccak256(utf8ToBytes(DOMAIN_NAME)), WORD);
  words.set(keccak256(utf8ToBytes(DOMAIN_VERSION)), 2 * WORD);
  writeMember(words, 3 * WORD, "chainId", "uint256", BigInt(domain.chainId));
  writeMember(words, 4 * WORD, "verifyingContract", "address", domain.verifyingContract);
  return keccak256(words);
}

/**
 * `hashStruct` of one message.
 * @throws GlassboxError `CRYPTO_EIP712_MEMBER` for a value that does not fit its member's type.
 */
function structHash<Members extends Eip712Members>(
  type: Eip712Type<Members>,
  message: Eip712Message<Members>,
): Uint8Array {
  const members = Object.entries<Eip712MemberType>(type.members);
  const words = new Uint8Array((members.length + 1) * WORD);
  words.set(type.typeHash, 0);
  members.forEach(([name, memberType], i) => {
    writeMember(words, (i + 1) * WORD, name, memberType, message[name]);
  });
  return keccak256(words);
}

/** Prepares the digests of many messages of one type under one domain. */
export function typedDataHasher<Members extends Eip712Members>(
  domain: Eip712Domain,
  type: Eip712Type<Members>,
): (message: Eip712Message<Members>) => Uint8Array {
  const preimage = new Uint8Array(2 + 2 * WORD);
  preimage.set([0x19, 0x01]);
  preimage.set(domainSeparator(domain), 2);
  return (message) => {
    preimage.set(structHash(type, message), 2 + WORD);
    return keccak256(preimage);
  };
}

/** The 32 bytes that are signed for one message. */
export function typedDataDigest<Members extends Eip712Members>(
  domain: Eip712Domain,
  type: Eip712Type<Members>,
  message: Eip712Message<Members>,
): Uint8Array {
  return typedDataHasher(domain, type)(message);
}

/** Writes one member right-aligned into its word; `bytes32` and the hash of `bytes` fill it. */
function writeMember(
  words: Uint8Array,
  at: number,
  name: string,
  type: Eip712MemberType,
  value: Hex | number | bigint | undefined,
): void {
  if (type === "address" || type === "bytes" || type === "bytes32") {
    ensureInput(typeof value === "string", "CRYPTO_EIP712_MEMBER", `${name} must be ${type} in hex`);
    const bytes = type === "bytes" ? keccak256(fromHex(value)) : fromHex(value, BYTE_LENGTHS[type]);
    words.set(bytes, at + WORD - bytes.length);
    return;
  }
  const length = BYTE_LENGTHS[type];
  const isInteger = typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
  ensureInput(isInteger, "CRYPTO_EIP712_MEMBER", `${name} must be an integer`);
  let rest = BigInt(value);
  ensureInput(
    rest >= 0n && rest < 1n << BigInt(8 * length),
    "CRYPTO_EIP712_MEMBER",
    `${name} = ${rest} does not fit ${type}`,
  );
  for (let i = at + WORD - 1; rest > 0n; i--, rest >>= 8n) words[i] = Number(rest & 0xffn);
}

import { type Hex, fromHex, toHex } from "../core/bytes.ts";
import { ensureCheck, ensureInput } from "../core/errors.ts";
import { ADDRESS_BYTES, checksumAddress } from "../crypto/address.ts";
import { FileTree, type LeafOpening } from "../crypto/file-tree.ts";
import { keccak256 } from "../crypto/keccak.ts";

import { type Vote, VOTE_TYPES } from "./vote.ts";

/** What an operator has earned in a service since the beginning. */
export interface EarningsEntry {
  readonly operator: Hex;
  readonly cumulativeWei: bigint;
}

/** Bytes of an entry: an address and a uint96. */
const ENTRY_BYTES = 32;
const ENTRIES_PER_LEAF = 8;
const MAX_ENTRIES = 2 ** 32 - 1;
const MAX_WEI = 2n ** 96n - 1n;

/**
 * The earnings file of a service, whose root its operators certify and from which `ServiceEarnings` on the home chain pays:
 * `address (20 bytes) ++ cumulative wei (uint96, big-endian)` for each operator, in ascending order of addresses.
 */
export class EarningsFile {
  readonly entries: readonly EarningsEntry[];
  readonly bytes: Uint8Array;
  readonly root: Hex;
  readonly #tree: FileTree;

  /**
   * @param entries in any order
   * @throws GlassboxError `STAKING_EARNINGS_INVALID` for no entries, an operator named twice, or an amount beyond 96 bits.
   */
  constructor(entries: readonly EarningsEntry[]) {
    ensureInput(
      entries.length > 0 && entries.length <= MAX_ENTRIES,
      "STAKING_EARNINGS_INVALID",
      `an earnings file has 1 to ${MAX_ENTRIES} entries, got ${entries.length}`,
    );
    const encoded = entries.map(encodeEntry).sort((a, b) => Buffer.compare(a, b));
    this.bytes = Buffer.concat(encoded);
    this.entries = encoded.map(decodeEntry);
    this.entries.forEach(({ operator }, i) => {
      const isNew = i === 0 || this.entries[i - 1]!.operator !== operator;
      ensureInput(isNew, "STAKING_EARNINGS_INVALID", `the earnings file names ${operator} twice`);
    });
    this.#tree = new FileTree(this.bytes);
    this.root = this.#tree.root;
  }

  /**
   * Reads a file that somebody else made.
   * @throws GlassboxError `STAKING_EARNINGS_INVALID` unless it is whole and its operators ascend.
   */
  static decode(bytes: Uint8Array): EarningsFile {
    ensureCheck(
      bytes.length > 0 && bytes.length % ENTRY_BYTES === 0,
      "STAKING_EARNINGS_INVALID",
      `an earnings file has ${ENTRY_BYTES} bytes an entry, got ${bytes.length}`,
    );
    const file = new EarningsFile(
      Array.from({ length: bytes.length / ENTRY_BYTES }, (_, i) =>
        decodeEntry(bytes.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES)),
      ),
    );
    const isOrdered = Buffer.compare(file.bytes, bytes) === 0;
    ensureCheck(isOrdered, "STAKING_EARNINGS_INVALID", "the entries of an earnings file ascend by operator");
    return file;
  }

  /** Entries of the file, as `postRoot` takes it. */
  get count(): number {
    return this.entries.length;
  }

  /** The payload of the vote for this file: `keccak256(abi.encode(root, count))`. */
  get payload(): Hex {
    const words = new Uint8Array(64);
    words.set(fromHex(this.root), 0);
    new DataView(words.buffer).setUint32(60, this.count);
    return toHex(keccak256(words));
  }

  /**
   * Position of an operator's entry.
   * @throws GlassboxError `STAKING_EARNINGS_UNKNOWN` if there is none.
   */
  indexOf(operator: Hex): number {
    const wanted = checksumAddress(operator);
    const index = this.entries.findIndex((entry) => entry.operator === wanted);
    ensureInput(index >= 0, "STAKING_EARNINGS_UNKNOWN", `${wanted} has no entry in the earnings file`);
    return index;
  }

  /**
   * The leaf that holds entry `index`, as `collect` takes it.
   * @throws GlassboxError `STAKING_EARNINGS_UNKNOWN` if there is no such entry.
   */
  open(index: number): LeafOpening {
    ensureInput(
      Number.isInteger(index) && index >= 0 && index < this.count,
      "STAKING_EARNINGS_UNKNOWN",
      `entry ${index} of an earnings file of ${this.count} does not exist`,
    );
    return this.#tree.openLeaf(Math.floor(index / ENTRIES_PER_LEAF));
  }
}

/** The vote of an epoch's validators for root `number` of a service's earnings. */
export function earningsVote(serviceId: number, epoch: bigint, number: bigint, file: EarningsFile): Vote {
  return { serviceId, epoch, slot: number, round: 0, voteType: VOTE_TYPES.earnings, payload: file.payload };
}

function encodeEntry({ operator, cumulativeWei }: EarningsEntry): Uint8Array {
  ensureInput(
    cumulativeWei >= 0n && cumulativeWei <= MAX_WEI,
    "STAKING_EARNINGS_INVALID",
    `earnings are 0 to 2^96 - 1 wei, got ${cumulativeWei.toString()} for ${operator}`,
  );
  const amountBytes = ENTRY_BYTES - ADDRESS_BYTES;
  const amount = fromHex(`0x${cumulativeWei.toString(16).padStart(2 * amountBytes, "0")}`, amountBytes);
  return Buffer.concat([fromHex(operator, ADDRESS_BYTES), amount]);
}

function decodeEntry(entry: Uint8Array): EarningsEntry {
  return {
    operator: checksumAddress(entry.slice(0, ADDRESS_BYTES)),
    cumulativeWei: BigInt(toHex(entry.slice(ADDRESS_BYTES))),
  };
}

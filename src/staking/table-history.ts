import { type BlockTag, type Provider, ZeroAddress } from "ethers";

import { readChain } from "../chain/read.ts";
import { equalBytes, fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck, ensureInput, GlassboxError } from "../core/errors.ts";

import type { ServiceHome } from "./service-home.ts";
import { encodeTable, MAX_ROW_WEIGHT, tableHash, type TableRow } from "./table.ts";

/** Seats that are read at once. */
const SEATS_AT_ONCE = 16;

/** Tables that are kept: some 20 kB each. */
const MAX_TABLES = 64;

/** A row of a table with who it stands for. */
export interface Validator extends TableRow {
  readonly seat: number;
  readonly operator: Hex;
}

/** A table as the chain's history makes it. */
export interface HistoricTable {
  readonly epoch: bigint;
  /** In the order of rows. */
  readonly validators: readonly Validator[];
  readonly table: Uint8Array;
  readonly hash: Hex;
}

/** A table of history, and the one that was built. */
export interface ComparedTable extends HistoricTable {
  /** Where the built table is, if there is one. */
  readonly address: Hex | undefined;
  readonly isSame: boolean;
}

/**
 * The table of an epoch, recomputed from who held which seat with what stake and key the second before it began: nothing that
 * was built is read. Costs a few calls a seat. For an epoch that began longer than the delay ago the chain is asked at the block in
 * which it began, which takes an archive node.
 * @throws GlassboxError `STAKING_NO_SEATS`, `STAKING_EPOCH_FUTURE`, `STAKING_EPOCH_ZERO`.
 */
export async function tableFromHistory(home: ServiceHome, epoch: bigint): Promise<HistoricTable> {
  const { serviceId, seats, epochSeconds, delaySeconds } = home;
  ensureInput(seats > 0, "STAKING_NO_SEATS", `service ${serviceId} has no seats, and so no tables`);
  ensureInput(epoch > 0n, "STAKING_EPOCH_ZERO", "nothing came before epoch 0, so it has no table");
  const provider = homeProvider(home);
  const start = epoch * epochSeconds;
  const head = await blockOf(provider, "latest");
  const message = `epoch ${epoch} begins at ${start}, and it is ${head.timestamp}`;
  ensureInput(start <= BigInt(head.timestamp), "STAKING_EPOCH_FUTURE", message);
  const isRecent = start - 1n + delaySeconds >= BigInt(head.timestamp);
  const block = isRecent ? head.number : await firstBlockFrom(provider, start, head.number);

  const validators: Validator[] = [];
  for (let first = 0; first < seats; first += SEATS_AT_ONCE) {
    const count = Math.min(SEATS_AT_ONCE, seats - first);
    const page = Array.from({ length: count }, (_, i) => validatorIn(home, first + i, start - 1n, block));
    validators.push(...(await readChain(Promise.all(page))).flatMap((validator) => validator ?? []));
  }
  const table = encodeTable(validators);
  return { epoch, validators, table, hash: tableHash(table) };
}

/** Tables of one service's history, of which those asked for lately are kept. */
export class TableHistory {
  readonly #home: ServiceHome;
  readonly #tables = new Map<bigint, Promise<HistoricTable>>();

  constructor(home: ServiceHome) {
    this.#home = home;
  }

  /** @throws GlassboxError as `tableFromHistory`. */
  at(epoch: bigint): Promise<HistoricTable> {
    const table = this.#tables.get(epoch) ?? tableFromHistory(this.#home, epoch);
    this.#tables.delete(epoch);
    this.#tables.set(epoch, table);
    table.catch(() => this.#tables.delete(epoch));
    const [oldest] = this.#tables.keys();
    if (this.#tables.size > MAX_TABLES && oldest !== undefined) this.#tables.delete(oldest);
    return table;
  }
}

/**
 * Recomputes the table of an epoch and compares it with the one on chain.
 * @throws GlassboxError as `tableFromHistory`.
 */
export async function compareTable(home: ServiceHome, epoch: bigint): Promise<ComparedTable> {
  const history = await tableFromHistory(home, epoch);
  const address = await readChain(home.quorum.tableOf(home.serviceId, epoch));
  if (address === ZeroAddress) return { ...history, address: undefined, isSame: false };
  const built = await readTable(homeProvider(home), address);
  return { ...history, address: address as Hex, isSame: equalBytes(built, history.table) };
}

/**
 * The table in a contract's code.
 * @throws GlassboxError `STAKING_TABLE_MISSING` if the code does not begin with 0x00.
 */
export async function readTable(provider: Provider, address: string): Promise<Uint8Array> {
  const code = fromHex(await readChain(provider.getCode(address)));
  ensureCheck(code.length > 1 && code[0] === 0, "STAKING_TABLE_MISSING", `${address} holds no table`);
  return code.slice(1);
}

/** @throws GlassboxError `CHAIN_SIGNER_DETACHED` for contracts that are not connected. */
export function homeProvider({ contracts }: Pick<ServiceHome, "contracts">): Provider {
  const provider = contracts.ServiceRegistry.runner?.provider;
  if (!provider) throw new GlassboxError("bug", "CHAIN_SIGNER_DETACHED", "the contracts have no provider");
  return provider;
}

async function validatorIn(
  home: ServiceHome,
  seat: number,
  capturedAt: bigint,
  blockTag: BlockTag,
): Promise<Validator | undefined> {
  const { serviceId, contracts } = home;
  const { ServiceRegistry, OperatorRegistry } = contracts;
  const operator = await ServiceRegistry.seatAt(serviceId, seat, capturedAt, { blockTag });
  if (operator === ZeroAddress) return undefined;
  const [key, weight] = await Promise.all([
    OperatorRegistry.blsKeyAt(operator, capturedAt, { blockTag }),
    ServiceRegistry.votingWeightAt(serviceId, operator, capturedAt, { blockTag }),
  ]);
  if (key === "0x" || weight === 0n) return undefined;
  const counted = weight < MAX_ROW_WEIGHT ? weight : MAX_ROW_WEIGHT;
  return { seat, operator: operator as Hex, key: fromHex(key), weight: counted };
}

/** The first block whose time is `time` or later; `head` is one. */
async function firstBlockFrom(provider: Provider, time: bigint, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { timestamp } = await blockOf(provider, middle);
    if (BigInt(timestamp) >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function blockOf(provider: Provider, tag: BlockTag) {
  const block = await readChain(provider.getBlock(tag));
  if (!block) throw new GlassboxError("network", "CHAIN_BLOCK_MISSING", `the chain has no block ${tag}`);
  return block;
}

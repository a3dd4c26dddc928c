import type { BaseContract, EventLog, Log, TransactionReceipt } from "ethers";

import type { TypedContractEvent } from "../../generated/typechain/common.js";
import { GlassboxError } from "../core/errors.ts";

/** The named arguments of event `Name` of contract `C`, as typechain knows them. */
export type EventArguments<C extends BaseContract, Name extends keyof C["filters"]> =
  C["filters"][Name] extends TypedContractEvent<never[], never[], infer Arguments> ? Arguments : never;

/**
 * The first event of this name that the contract emitted in a transaction, or in several.
 * @throws GlassboxError `CHAIN_EVENT_MISSING`.
 */
export function eventOf<C extends BaseContract, Name extends keyof C["filters"] & string>(
  receipts: TransactionReceipt | readonly TransactionReceipt[],
  contract: C,
  name: Name,
): EventArguments<C, Name> {
  const [first] = eventsOf(receipts, contract, name);
  if (first === undefined) {
    throw new GlassboxError("bug", "CHAIN_EVENT_MISSING", `the transaction did not emit ${name}`);
  }
  return first;
}

/** All events of this name that the contract emitted in a transaction, or in several. */
export function eventsOf<C extends BaseContract, Name extends keyof C["filters"] & string>(
  receipts: TransactionReceipt | readonly TransactionReceipt[],
  contract: C,
  name: Name,
): EventArguments<C, Name>[] {
  const logs = [receipts].flat().flatMap((receipt) => receipt.logs);
  return logs.map((log) => parseEvent(log, contract, name)).filter((event) => event !== undefined);
}

/** The named arguments of a raw log, if it is event `name` of the contract. */
export function parseEvent<C extends BaseContract, Name extends keyof C["filters"] & string>(
  log: Log | EventLog,
  contract: C,
  name: Name,
): EventArguments<C, Name> | undefined {
  if (log.address !== contract.target) return undefined;
  const parsed = contract.interface.parseLog(log);
  return parsed?.name === name ? (parsed.args.toObject() as EventArguments<C, Name>) : undefined;
}

import type { Log, Provider, TopicFilter } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { parseEvent } from "../../chain/events.ts";
import { followLogs, readLogs } from "../../chain/logs.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { GlassboxError } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { sendMove, type PlayerParts } from "./play.ts";

/** What the slasher has set aside for the winner of a game. */
export interface Bounty {
  readonly serviceId: bigint;
  readonly operator: string;
  readonly offenceKey: string;
  readonly amountWei: bigint;
  /** From then on it can be claimed. */
  readonly closesAt: bigint;
}

type Offence = Pick<Bounty, "operator" | "offenceKey">;

/** Where bounties are looked for. */
interface Place {
  readonly provider: Provider;
  readonly fromBlock: number;
}

/** The bounties of lost games that an account has won and that are not paid yet, oldest first. */
export async function unpaidBounties(
  contracts: Contracts,
  { provider, fromBlock }: Place,
  receiver: string,
): Promise<Bounty[]> {
  const head = await readChain(provider.getBlockNumber());
  const logs = await readLogs(provider, await bountyQuery(contracts, receiver), fromBlock, head);
  const offences = new Map(
    logs.flatMap((log) => offenceOf(contracts, log)).map((offence) => [nameOf(offence), offence]),
  );
  const bounties = await Promise.all([...offences.values()].map((offence) => bountyOf(contracts, offence, receiver)));
  return bounties.filter((bounty) => bounty !== undefined);
}

/**
 * Claims the bounties of won games as they fall due, until the signal aborts: an epoch after the verdict, so the player that won may be
 * another process by then.
 */
export async function collectBounties(parts: PlayerParts & Place, signal: AbortSignal): Promise<void> {
  const { contracts, provider, fromBlock, sender, logger, pollMs } = parts;
  const open = new Map<string, Offence>();
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, "following bounties failed; trying again");
  };
  const query = await bountyQuery(contracts, sender.address);
  for await (const { logs } of followLogs(provider, query, fromBlock, { signal, pollMs, onError })) {
    for (const offence of logs.flatMap((log) => offenceOf(contracts, log))) open.set(nameOf(offence), offence);
    for (const [name, offence] of open) {
      try {
        if (await collect(parts, offence)) open.delete(name);
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        onError(error);
      }
    }
  }
}

/** @returns whether nothing is left to do */
async function collect(parts: PlayerParts & Place, offence: Offence): Promise<boolean> {
  const bounty = await bountyOf(parts.contracts, offence, parts.sender.address);
  if (bounty === undefined) return true;
  if ((await chainTime(parts.provider)) < bounty.closesAt) return false;
  const { serviceId, operator, offenceKey } = bounty;
  const claim = parts.contracts.Slasher.claimBounty.populateTransaction(serviceId, operator, offenceKey);
  return sendMove(parts, 0n, "bounty", claim);
}

async function bountyOf(
  { JobRegistry, Slasher }: Contracts,
  { operator, offenceKey }: Offence,
  receiver: string,
): Promise<Bounty | undefined> {
  const serviceId = await readChain(JobRegistry.serviceId());
  const bounty = await readChain(Slasher.bounty(serviceId, operator, offenceKey));
  if (bounty.amountWei === 0n || !sameAddress(bounty.receiver, receiver)) return undefined;
  return { serviceId, operator, offenceKey, amountWei: bounty.amountWei, closesAt: bounty.closesAt };
}

async function bountyQuery(
  { Slasher }: Contracts,
  receiver: string,
): Promise<{ address: string; topics: TopicFilter }> {
  const topics = Slasher.interface.encodeFilterTopics("BountyClaimed", [null, null, receiver]);
  return { address: await Slasher.getAddress(), topics };
}

function offenceOf({ Slasher }: Contracts, log: Log): Offence[] {
  const claimed = parseEvent(log, Slasher, "BountyClaimed");
  return claimed ? [{ operator: claimed.operator, offenceKey: claimed.offenceKey }] : [];
}

function nameOf({ operator, offenceKey }: Offence): string {
  return `${operator}/${offenceKey}`;
}

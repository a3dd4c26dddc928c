import { ZeroAddress } from "ethers";

import { parseEvent } from "../../chain/events.ts";
import { readLogs } from "../../chain/logs.ts";
import { chainTime } from "../../chain/read.ts";
import { ensureCheck } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { formatTokens } from "../amounts.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import type { Stage } from "./stage.ts";

/** Where burnt stake goes. */
const BURNT = "0x000000000000000000000000000000000000dEaD";

/** Whom slashes hit, what they took, and where it went. */
export interface SlashLedger {
  readonly operators: number;
  readonly slashedWei: bigint;
  readonly burntWei: bigint;
  /** Paid to reporters, or set aside for them. */
  readonly bountyWei: bigint;
}

/**
 * Settles every bounty of others than the watcher whose window has closed, burns what slashes owe, and checks that nothing of what was slashed is missing: it is burnt, or
 * a bounty.
 */
export async function settleSlashes(stage: Stage, network: Network): Promise<SlashLedger> {
  const { chain, contracts } = network;
  const { Slasher, StakePool, Token } = contracts;
  const anyone = await network.sender(ROLES.reporter);
  const watcher = await network.sender(ROLES.watcher);
  const now = await chainTime(chain.provider);
  for (const log of await slashLogs(network, await chain.provider.getBlockNumber())) {
    const offence = parseEvent(log, Slasher, "OffencePunished");
    if (!offence) continue;
    const { serviceId, operator, offenceKey } = offence;
    const { closesAt, receiver } = await Slasher.bounty(serviceId, operator, offenceKey);
    // The watcher collects its own.
    if (closesAt !== 0n && closesAt <= now && !sameAddress(receiver, watcher.address))
      await anyone.send(Slasher.claimBounty.populateTransaction(serviceId, operator, offenceKey));
  }
  const { blockNumber } = await anyone.send(StakePool.sweep.populateTransaction(ZeroAddress));

  // All of one block: the chain goes on, and so may slashes.
  const at = { blockTag: blockNumber };
  const logs = await slashLogs(network, blockNumber);
  const slashes = logs.flatMap((log) => parseEvent(log, StakePool, "StakeSlashed") ?? []);
  const paid = logs
    .flatMap((log) => parseEvent(log, Slasher, "BountySettled") ?? [])
    .filter(({ receiver }) => receiver !== ZeroAddress);
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
  const ledger = {
    operators: new Set(slashes.map(({ operator }) => operator)).size,
    slashedWei: sum(slashes.map(({ slashedWei }) => slashedWei)),
    burntWei: (await Token.balanceOf(BURNT, at)) - (await burntBonds(network, blockNumber)),
    bountyWei: sum(paid.map(({ amountWei }) => amountWei)) + (await StakePool.unpaidBountyWei(ZeroAddress, at)),
  };
  const { slashedWei, burntWei, bountyWei, operators } = ledger;
  ensureCheck(
    slashedWei === burntWei + bountyWei,
    "DEMO_SLASH_SUM",
    `slashed ${slashedWei}, burnt ${burntWei}, bounties ${bountyWei}`,
  );
  stage.tell(
    `${formatTokens(slashedWei)} slashed of ${operators} operators = ${formatTokens(burntWei)} burnt + ${formatTokens(bountyWei)} to reporters`,
  );
  return ledger;
}

/** Bonds that claims and games have lost: burnt too, but not slashed. */
async function burntBonds({ chain, contracts, book }: Network, toBlock: number): Promise<bigint> {
  const { DisputeGame, JobRegistry } = contracts;
  const query = {
    address: [book.contracts.DisputeGame, book.contracts.JobRegistry],
    topics: [JobRegistry.getEvent("Burnt").fragment.topicHash],
  };
  const logs = await readLogs(chain.provider, query, book.startBlock, toBlock);
  return logs
    .flatMap((log) => parseEvent(log, DisputeGame, "Burnt") ?? parseEvent(log, JobRegistry, "Burnt") ?? [])
    .reduce((sum, { amountWei }) => sum + amountWei, 0n);
}

/** Everything that slashes and bounties have left in the logs, in order. */
function slashLogs({ chain, contracts, book }: Network, toBlock: number) {
  const { Slasher, StakePool } = contracts;
  const events = [
    Slasher.getEvent("OffencePunished"),
    Slasher.getEvent("BountySettled"),
    StakePool.getEvent("StakeSlashed"),
  ];
  const query = {
    address: [book.contracts.Slasher, book.contracts.StakePool],
    topics: [events.map(({ fragment }) => fragment.topicHash)],
  };
  return readLogs(chain.provider, query, book.startBlock, toBlock);
}

import { parseEther, Wallet } from "ethers";

import { connectShares } from "../../chain/contracts.ts";
import { TxSender } from "../../chain/tx-sender.ts";
import { toHex } from "../../core/bytes.ts";
import { ensureCheck } from "../../core/errors.ts";
import { developmentPeople } from "../../models/development-dataset.ts";
import { delegateStake } from "../../staking/deposits.ts";
import type { StorageClient } from "../../storage/storage-client.ts";
import { claimShares, readAllocation } from "../actions/claim-shares.ts";
import { DEVELOPMENT_PEOPLE_SEED } from "../actions/publish-dataset.ts";
import { formatTokens } from "../amounts.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import type { Stage } from "./stage.ts";

/** What the delegator puts behind an operator. */
const DELEGATED_WEI = parseEther("5000");
/** What contributors need for their two transactions. */
const GAS_MONEY_WEI = parseEther("1");

/** A delegator puts stake behind the first storage operator. */
export async function backOperator(stage: Stage, network: Network): Promise<void> {
  const delegator = await network.sender(ROLES.delegator);
  const operator = await network.sender(ROLES.storageOperators[0]);
  await delegateStake(network.contracts, delegator, operator.address, DELEGATED_WEI);
  stage.tell(`${formatTokens(DELEGATED_WEI)} of stake behind ${operator.address}`);
}

/** Somebody who owns shares. */
export interface Shareholder {
  readonly title: string;
  readonly sender: TxSender;
  readonly shares: bigint;
}

/** Everybody who contributed takes their shares out of escrow; together they are the whole supply. */
export async function distributeShares(
  stage: Stage,
  network: Network,
  storage: StorageClient,
  versionId: bigint,
): Promise<Shareholder[]> {
  const { contracts } = network;
  const files = await readAllocation(contracts, storage, versionId, stage.signal);
  const holders: Shareholder[] = [];
  for (const { title, sender } of await contributors(network)) {
    const shares = await claimShares(contracts, sender, versionId, files);
    stage.tell(`${title.padEnd(18)} ${sender.address}  ${shares}`);
    holders.push({ title, sender, shares });
  }
  const { shareSupply } = await contracts.ModelRegistry.version(versionId);
  const total = holders.reduce((sum, { shares }) => sum + shares, 0n);
  ensureCheck(total === shareSupply, "DEMO_SHARES_SUM", `shares are ${total} in sum, the supply is ${shareSupply}`);
  return holders;
}

/** What the shares of a version received, and what its holders took. */
export interface SharedRevenue {
  readonly receivedWei: bigint;
  readonly claimedWei: bigint;
}

/** Every shareholder takes its revenue; less than a wei for each of them stays behind. */
export async function withdrawRevenue(
  stage: Stage,
  network: Network,
  versionId: bigint,
  holders: readonly Shareholder[],
): Promise<SharedRevenue> {
  const { contracts, chain } = network;
  const shares = connectShares(await contracts.ModelRegistry.sharesOf(versionId), chain.provider);
  let claimedWei = 0n;
  for (const { title, sender } of holders) {
    const before = await contracts.Token.balanceOf(sender.address);
    await sender.send(shares.withdraw.populateTransaction(sender.address));
    const gained = (await contracts.Token.balanceOf(sender.address)) - before;
    stage.tell(`${title.padEnd(18)} ${formatTokens(gained)}`);
    claimedWei += gained;
  }
  const receivedWei = await shares.receivedWei();
  const dustWei = receivedWei - claimedWei;
  ensureCheck(
    dustWei >= 0n && dustWei < BigInt(holders.length) && (await shares.paidWei()) === claimedWei,
    "DEMO_REVENUE_SUM",
    `received ${receivedWei}, claimed ${claimedWei}`,
  );
  return { receivedWei, claimedWei };
}

async function contributors(network: Network): Promise<{ title: string; sender: TxSender }[]> {
  const { provider } = network.chain;
  const owner = await network.sender(ROLES.owner);
  const people = developmentPeople(network.book.chainId, DEVELOPMENT_PEOPLE_SEED);
  const strangers = [
    ...people.contributors.map((person, i) => ({ title: `contributor ${i + 1}`, person })),
    ...people.labellers.map((person, i) => ({ title: `labeller ${i + 1}`, person })),
  ];
  const senders: { title: string; sender: TxSender }[] = [];
  for (const { title, person } of strangers) {
    await owner.send({ to: person.address, value: GAS_MONEY_WEI, data: "0x" });
    const sender = await TxSender.create(new Wallet(toHex(person.secretKey), provider));
    senders.push({ title, sender });
  }
  senders.push({ title: "initiator", sender: owner });
  for (const { role } of network.computeWorkers) {
    senders.push({ title: `compute worker ${role}`, sender: await network.sender(role) });
  }
  return senders;
}

import { randomBytes } from "node:crypto";

import { utf8ToBytes } from "@noble/hashes/utils.js";

import { eventOf } from "../../chain/events.ts";
import { chainTime } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { type Hex, toHex } from "../../core/bytes.ts";
import { ensureCheck } from "../../core/errors.ts";
import { blsPublicKey, signVote, verifyVote } from "../../crypto/bls.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { evidenceCommitment, keyVotesEvidence, type SignedPayload } from "../../staking/evidence.ts";
import { positionHash, voteDigest, type VotePosition } from "../../staking/vote.ts";
import { formatTokens } from "../amounts.ts";
import { ROLES } from "../network/accounts.ts";
import type { Network } from "../network/network.ts";
import { developmentBlsKey } from "../network/validators.ts";
import type { Stage } from "./stage.ts";

/** The first type of votes that is a service's own. */
const BLOCK_VOTE = 2;
/** A bounty is at most this part of what was slashed. */
const BOUNTY_DIVISOR = 20n;
const RAY = 10n ** 27n;

/** A vote as it travels between validators: anyone can check it. */
interface SeenVote extends SignedPayload {
  readonly position: VotePosition;
  readonly key: Uint8Array;
}

/**
 * An operator votes for two blocks at one height. A stranger without stake who saw both votes reports them, and is paid from what the operator
 * loses: no more than a twentieth, and no more than the operator's own part of the loss.
 */
export async function voteTwiceAndGetCaught(stage: Stage, network: Network, role: number): Promise<void> {
  const { contracts } = network;
  const { Slasher, StakePool, Token } = contracts;
  const operator = (await network.sender(role)).address;
  const seen = await voteTwice(network, role);
  stage.tell(
    `${operator} signed ${seen.map(({ payload }) => `${payload.slice(0, 10)}…`).join(" and ")} for one height`,
  );

  const stranger = await network.sender(ROLES.reporter);
  const generation = await StakePool.generationOf(operator);
  const oldIndex = await StakePool.indexAt(operator, generation, await chainTime(network.chain.provider));
  const ownShares = await StakePool.sharesOf(operator, operator);
  const receipt = await report(network, stranger, seen);
  const { slashedWei, bountyWei, offenceKey } = eventOf(receipt, Slasher, "OffencePunished");
  const { index } = eventOf(receipt, StakePool, "StakeSlashed");
  const ownLossWei = (ownShares * (oldIndex - index)) / RAY;
  stage.tell(
    `slashed ${formatTokens(slashedWei)} on evidence of ${stranger.address}, who has no stake; ${formatTokens(ownLossWei)} of it are the operator's own`,
  );

  await network.chain.passSeconds(Number(await contracts.ServiceRegistry.epochSeconds()));
  const before = await Token.balanceOf(stranger.address);
  await stranger.send(Slasher.claimBounty.populateTransaction(network.consensusService, operator, offenceKey));
  const earnedWei = (await Token.balanceOf(stranger.address)) - before;
  const mostWei = ownLossWei < slashedWei / BOUNTY_DIVISOR ? ownLossWei : slashedWei / BOUNTY_DIVISOR;
  ensureCheck(
    earnedWei > 0n && earnedWei === bountyWei && earnedWei <= mostWei,
    "DEMO_BOUNTY",
    `the reporter earned ${earnedWei}, at most ${mostWei} of a bounty of ${bountyWei} expected`,
  );
  stage.tell(
    `the reporter got ${formatTokens(earnedWei)}: no more than 5 %, and no more than the operator lost of its own`,
  );
}

/** @returns two votes of one operator at one height of the present epoch, each valid by itself */
async function voteTwice(network: Network, role: number): Promise<[SeenVote, SeenVote]> {
  const { ServiceRegistry } = network.contracts;
  const now = await chainTime(network.chain.provider);
  const position: VotePosition = {
    serviceId: Number(network.consensusService),
    epoch: now / (await ServiceRegistry.epochSeconds()),
    slot: 1n,
    round: 0,
    voteType: BLOCK_VOTE,
  };
  const home = { chainId: network.book.chainId, verifyingContract: (await ServiceRegistry.getAddress()) as Hex };
  const secretKey = developmentBlsKey(role);
  const vote = (block: string): SeenVote => {
    const payload = toHex(keccak256(utf8ToBytes(block)));
    const digest = voteDigest(home, { ...position, payload });
    const seen = { position, payload, key: blsPublicKey(secretKey), signature: signVote(digest, secretKey) };
    ensureCheck(verifyVote(seen.key, digest, seen.signature), "DEMO_VOTE", "the vote is not the operator's");
    return seen;
  };
  return [vote("a block"), vote("another block")];
}

/** Commits to the evidence and then shows it, so that nobody who copies it is paid. */
async function report(network: Network, reporter: TxSender, [first, second]: readonly [SeenVote, SeenVote]) {
  const { Slasher } = network.contracts;
  const { serviceId } = first.position;
  const evidence = keyVotesEvidence(first.position, first.key, first, second);
  const salt = toHex(randomBytes(32));
  const commitment = evidenceCommitment({ serviceId, evidence, reporter: reporter.address as Hex, salt });
  await reporter.send(Slasher.commit.populateTransaction(commitment));
  const receipt = await reporter.send(Slasher.report.populateTransaction(serviceId, evidence, salt));
  const { operator } = eventOf(receipt, Slasher, "OffencePunished");
  const charged = await Slasher.punishedWad(serviceId, operator, positionHash(first.position));
  ensureCheck(charged > 0n, "DEMO_NOT_CAUGHT", `${operator} signed twice and was charged nothing`);
  return receipt;
}

import type { Contracts } from "../../chain/contracts.ts";
import { type History, findEvents } from "../../chain/event-search.ts";
import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import { sameAddress } from "../../crypto/address.ts";

/** Bonds that went back. */
export interface CollectedBonds {
  /** Circuits of the version whose keys' bonds went back. */
  readonly keys: readonly Hex[];
  /** Twins of the version's weights whose bonds went back. */
  readonly twins: readonly Hex[];
  readonly amountWei: bigint;
}

/** Takes back the bonds that the sender has for a version: of its retired keys, and of twins of its weights that count. */
export async function collectBonds(
  contracts: Contracts,
  history: History,
  sender: TxSender,
  versionId: bigint,
): Promise<CollectedBonds> {
  const now = await chainTime(sender.provider);
  const keys = await collectKeys(contracts, history, sender, versionId, now);
  const twins = await collectTwins(contracts, history, sender, versionId, now);
  const [keyBondWei, twinBondWei] = await readChain(
    Promise.all([contracts.VerifierRegistry.bondWei(), contracts.TwinRegistry.bondWei()]),
  );
  return { keys, twins, amountWei: keyBondWei * BigInt(keys.length) + twinBondWei * BigInt(twins.length) };
}

async function collectKeys(
  { VerifierRegistry }: Contracts,
  history: History,
  sender: TxSender,
  versionId: bigint,
  now: bigint,
): Promise<Hex[]> {
  const version = `0x${versionId.toString(16).padStart(64, "0")}`;
  const registered = await findEvents(VerifierRegistry, history, "KeyRegistered", [version, null, sender.address]);
  const collected: Hex[] = [];
  for (const { circuitId } of registered) {
    const { retiresAt, bondPaidOut, refuted } = await readChain(VerifierRegistry.key(versionId, circuitId));
    if (retiresAt === 0n || retiresAt > now || bondPaidOut || refuted) continue;
    const { withdrawBond } = VerifierRegistry;
    const receipt = await sender.send(withdrawBond.populateTransaction(versionId, circuitId, sender.address));
    collected.push(eventOf(receipt, VerifierRegistry, "KeyBondWithdrawn").circuitId as Hex);
  }
  return collected;
}

async function collectTwins(
  { ModelRegistry, TwinRegistry }: Contracts,
  history: History,
  sender: TxSender,
  versionId: bigint,
  now: bigint,
): Promise<Hex[]> {
  const { weightsRoot } = await readChain(ModelRegistry.version(versionId));
  const claimed = await findEvents(TwinRegistry, history, "TwinRegistered", [null, weightsRoot]);
  const collected: Hex[] = [];
  for (const { registrant, leaves, poseidonRoot } of claimed) {
    if (!sameAddress(registrant, sender.address)) continue;
    const twin = { fileRoot: weightsRoot, leaves, poseidonRoot };
    const { refuted, finalAt, bondPaidOut } = await readChain(TwinRegistry.stateOf(twin));
    if (refuted || finalAt > now || bondPaidOut) continue;
    const receipt = await sender.send(TwinRegistry.withdrawBond.populateTransaction(twin, sender.address));
    collected.push(eventOf(receipt, TwinRegistry, "TwinBondWithdrawn").twinId as Hex);
  }
  return collected;
}

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import type { Refutation } from "../../verifier/refutation.ts";

/** What refuting a key brought. */
export interface RefutedKey {
  readonly rewardWei: bigint;
  readonly transaction: Hex;
}

/**
 * Retires a key on chain by a proof of a wrong answer; half of its bond goes to the sender.
 * @throws GlassboxError kind `revert` if somebody was first, or the model is too large for the chain to repeat.
 */
export async function refuteKey(
  { VerifierRegistry }: Contracts,
  sender: TxSender,
  versionId: bigint,
  { circuitId, wrong }: Refutation,
): Promise<RefutedKey> {
  const receipt = await sender.send(VerifierRegistry.refute.populateTransaction(versionId, circuitId, wrong));
  const { rewardWei } = eventOf(receipt, VerifierRegistry, "KeyRefuted");
  return { rewardWei, transaction: receipt.hash as Hex };
}

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import type { TxSender } from "../../chain/tx-sender.ts";

/** A price that a provider set. */
export interface Offer {
  /** Number of the price, from 0. */
  readonly priceVersion: number;
  /** When vouchers at this price begin to be settled: the first at once, later ones after the notice. */
  readonly effectiveAt: Date;
}

/**
 * Sets the sender's price for one proven answer of a model version. The sender is an operator.
 * @throws GlassboxError kind `revert` if it is not, the version does not exist, or its last price is still to come into effect.
 */
export async function offerModel(
  { Settlement }: Contracts,
  sender: TxSender,
  versionId: bigint,
  priceWei: bigint,
): Promise<Offer> {
  const receipt = await sender.send(Settlement.setPrice.populateTransaction(versionId, priceWei));
  const { priceVersion, effectiveAt } = eventOf(receipt, Settlement, "PriceSet");
  return { priceVersion: Number(priceVersion), effectiveAt: new Date(Number(effectiveAt) * 1_000) };
}

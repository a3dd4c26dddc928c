import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import type { InferenceKey } from "../../proofs/inference-key.ts";

/** A key that the registry took. */
export interface KeyRegistration {
  readonly keyHash: Hex;
  /** It comes from a development set-up, whose trapdoor is public. */
  readonly insecure: boolean;
  readonly bondWei: bigint;
}

/**
 * Registers the verifying key of a model version under the registry's bond. The sender holds the model token and pays the bond.
 * @throws GlassboxError kind `revert`, among others for a key that is there already, or from a development set-up on another chain.
 */
export async function registerKey(
  { VerifierRegistry, Token }: Contracts,
  sender: TxSender,
  versionId: bigint,
  key: Pick<InferenceKey, "circuitId" | "verifyingKey">,
): Promise<KeyRegistration> {
  const bondWei = await readChain(VerifierRegistry.bondWei());
  await sender.send(Token.approve.populateTransaction(await VerifierRegistry.getAddress(), bondWei));
  const receipt = await sender.send(
    VerifierRegistry.register.populateTransaction(versionId, key.circuitId, key.verifyingKey),
  );
  const { keyHash, insecure } = eventOf(receipt, VerifierRegistry, "KeyRegistered");
  return { keyHash: keyHash as Hex, insecure, bondWei };
}

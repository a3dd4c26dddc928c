import type { ContractTransaction } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import type { InferenceKey } from "../../proofs/inference-key.ts";
import type { CommittedKey } from "../../worker/model-keys.ts";

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
export function registerKey(
  contracts: Contracts,
  sender: TxSender,
  versionId: bigint,
  { circuitId, verifyingKey }: Pick<InferenceKey, "circuitId" | "verifyingKey">,
): Promise<KeyRegistration> {
  const { VerifierRegistry } = contracts;
  return underBond(
    contracts,
    sender,
    VerifierRegistry.register.populateTransaction(versionId, circuitId, verifyingKey),
  );
}

/**
 * Registers the key of a circuit that takes weights as committed. The twin of the version's weights must count by then.
 * @throws GlassboxError kind `revert`, as `registerKey`, and while no twin counts.
 */
export function registerCommittedKey(
  contracts: Contracts,
  sender: TxSender,
  versionId: bigint,
  { circuitId, verifyingKey, weightsTwin }: CommittedKey,
): Promise<KeyRegistration> {
  const { registerCommitted } = contracts.VerifierRegistry;
  const registration = registerCommitted.populateTransaction(versionId, circuitId, verifyingKey, weightsTwin);
  return underBond(contracts, sender, registration);
}

async function underBond(
  { VerifierRegistry, Token }: Contracts,
  sender: TxSender,
  registration: Promise<ContractTransaction>,
): Promise<KeyRegistration> {
  const bondWei = await readChain(VerifierRegistry.bondWei());
  await sender.send(Token.approve.populateTransaction(await VerifierRegistry.getAddress(), bondWei));
  const receipt = await sender.send(registration);
  const { keyHash, insecure } = eventOf(receipt, VerifierRegistry, "KeyRegistered");
  return { keyHash: keyHash as Hex, insecure, bondWei };
}

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import { poseidonTwin } from "../../proofs/poseidon-twin.ts";

/** A twin that was claimed. */
export interface TwinRegistration {
  readonly twinId: Hex;
  readonly poseidonRoot: bigint;
  /** When it begins to count, in seconds. */
  readonly finalAt: bigint;
  readonly bondWei: bigint;
}

/**
 * Claims the Poseidon twin of a version's weights file under the registry's bond.
 * @throws GlassboxError `PROOFS_TWIN_LENGTH`; kind `revert` among others for weights that are under no filled deal.
 */
export async function registerTwin(
  { ModelRegistry, TwinRegistry, Token }: Contracts,
  sender: TxSender,
  versionId: bigint,
  weights: Uint8Array,
): Promise<TwinRegistration> {
  const poseidonRoot = poseidonTwin(weights);
  const { weightsSubmission } = await readChain(ModelRegistry.version(versionId));
  const bondWei = await readChain(TwinRegistry.bondWei());
  await sender.send(Token.approve.populateTransaction(await TwinRegistry.getAddress(), bondWei));
  const receipt = await sender.send(TwinRegistry.register.populateTransaction(weightsSubmission, poseidonRoot));
  const { twinId, finalAt } = eventOf(receipt, TwinRegistry, "TwinRegistered");
  return { twinId: twinId as Hex, poseidonRoot, finalAt, bondWei };
}

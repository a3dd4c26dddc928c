import { parseEther, ZeroAddress } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../core/chain-ids.ts";
import { developmentKey } from "../../crypto/development-keys.ts";
import { operatorBlsKey } from "../../staking/bls-key.ts";
import { registerBlsKey } from "../../staking/operators.ts";
import { joinService } from "../../staking/participation.ts";

/** More than a network has operators, so that others can join. */
const SEATS = 16;
/** Verdicts on contradicting votes have no cap. */
const NO_CAP_WAD = parseEther("1");

/** Creates a consensus network as a service: operators vote in its name, and contradicting votes are all that slashes them. */
export async function createConsensus({ ServiceRegistry, EquivocationVerifier }: Contracts, creator: TxSender) {
  const params = {
    groupId: 0,
    evidenceVerifier: await EquivocationVerifier.getAddress(),
    maxObligationSeconds: await readChain(ServiceRegistry.delaySeconds()),
    seats: SEATS,
    obligor: ZeroAddress,
    slashCapWad: NO_CAP_WAD,
    sink: ZeroAddress,
  };
  const receipt = await creator.send(ServiceRegistry.createService.populateTransaction(params));
  return eventOf(receipt, ServiceRegistry, "ServiceCreated").serviceId;
}

/** The secret BLS key of a role of a development network: that of the role's development key, as `glassbox operator keys` derives it. */
export function developmentBlsKey(role: number): Uint8Array {
  return operatorBlsKey(developmentKey(DEVELOPMENT_CHAIN_ID, role), 0);
}

/** Registers an operator's BLS key, and takes a seat of the consensus network for it. */
export async function becomeValidator(
  contracts: Contracts,
  operator: TxSender,
  validator: {
    readonly role: number;
    readonly serviceId: bigint;
    readonly seat: number;
    readonly magnitudeWad: bigint;
  },
): Promise<void> {
  const { role, ...participation } = validator;
  await registerBlsKey(contracts, operator, developmentBlsKey(role));
  await joinService(contracts, operator, participation);
}

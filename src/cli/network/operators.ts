import { parseEther } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { delegateStake } from "../../staking/deposits.ts";
import { registerOperator } from "../../staking/operators.ts";
import { joinService } from "../../staking/participation.ts";
import { ROLES } from "./accounts.ts";
import { becomeValidator, createConsensus } from "./validators.ts";

/** Tokens that every role starts with, and what an operator puts up of its own. */
const GRANT_WEI = parseEther("100000");
const OWN_STAKE_WEI = parseEther("2000");
const HALF_WAD = parseEther("0.5");

/** Who becomes an operator of which service, and where its worker will answer. */
export interface OperatorPlan {
  readonly role: number;
  readonly kind: "storage" | "compute";
  /** Empty if it has no worker. */
  readonly url: string;
}

/**
 * Gives every role development tokens, then registers and stakes these operators. Half of each one's stake secures the service it works for,
 * half the consensus network, in which every operator has a seat.
 * @returns the number of the consensus network's service
 */
export async function setUpOperators(
  contracts: Contracts,
  sender: (role: number) => Promise<TxSender>,
  plans: readonly OperatorPlan[],
): Promise<bigint> {
  const owner = await sender(ROLES.owner);
  for (const role of Object.values(ROLES).flat()) {
    const { address } = await sender(role);
    await owner.send(contracts.Token.mint.populateTransaction(address, GRANT_WEI));
  }
  const services = {
    storage: await contracts.StorageProofs.serviceId(),
    compute: await contracts.JobRegistry.serviceId(),
  };
  const consensus = await createConsensus(contracts, owner);
  for (const [seat, { role, kind, url }] of plans.entries()) {
    const operator = await sender(role);
    await registerOperator(contracts, operator, operator.address, url);
    await delegateStake(contracts, operator, operator.address, OWN_STAKE_WEI);
    await joinService(contracts, operator, { serviceId: services[kind], magnitudeWad: HALF_WAD });
    await becomeValidator(contracts, operator, { role, serviceId: consensus, seat, magnitudeWad: HALF_WAD });
  }
  return consensus;
}

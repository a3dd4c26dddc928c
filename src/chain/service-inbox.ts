import { type BigNumberish, ContractFactory, type Signer } from "ethers";

import { GlassboxError } from "../core/errors.ts";
import { contractBytecode, contractInterface } from "./abi.ts";
import { chainError } from "./revert.ts";

const SOURCE = "staking/ServiceInbox";

/** What an inbox is created with; see `contracts/interfaces/staking/IServiceInbox.sol`. */
export interface InboxTerms {
  readonly homeChainId: BigNumberish;
  readonly homeRegistry: string;
  readonly serviceId: number;
  readonly epochSeconds: bigint;
  readonly maxAgeSeconds: bigint;
  readonly genesisEpoch: bigint;
  readonly genesisTable: string;
}

/**
 * Creates an inbox on the signer's chain.
 * @throws GlassboxError what the chain refuses.
 */
export async function deployServiceInbox(
  signer: Signer,
  terms: InboxTerms,
): Promise<{ address: string; blockNumber: number }> {
  const { homeChainId, homeRegistry, serviceId, epochSeconds, maxAgeSeconds, genesisEpoch, genesisTable } = terms;
  const factory = new ContractFactory(contractInterface(SOURCE), contractBytecode(SOURCE), signer);
  try {
    const contract = await factory.deploy(
      homeChainId,
      homeRegistry,
      serviceId,
      epochSeconds,
      maxAgeSeconds,
      genesisEpoch,
      genesisTable,
    );
    const receipt = await contract.deploymentTransaction()?.wait();
    if (receipt) return { address: await contract.getAddress(), blockNumber: receipt.blockNumber };
  } catch (error) {
    throw chainError(error);
  }
  throw new GlassboxError("network", "CHAIN_RECEIPT_MISSING", "the transaction has no receipt");
}

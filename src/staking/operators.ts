import type { ContractTransaction } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { eventOf } from "../chain/events.ts";
import { readChain } from "../chain/read.ts";
import type { TxSender } from "../chain/tx-sender.ts";
import { type Hex, toHex } from "../core/bytes.ts";
import { blsPublicKey, padBlsKey, provePossession } from "../crypto/bls.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { POSSESSION_TYPE } from "../crypto/messages.ts";

/**
 * Registers the sender as an operator.
 * @param signer address of the key its workers sign with, unique for ever
 * @param endpoint base URL of its worker, may be empty
 */
export async function registerOperator(
  contracts: Contracts,
  sender: TxSender,
  signer: string,
  endpoint: string,
): Promise<void> {
  await sender.send(contracts.OperatorRegistry.register.populateTransaction(signer, endpoint));
}

/**
 * The transaction by which an operator registers the BLS key of a secret, with the proof that it holds the secret.
 * @param secretKey of BLS12-381, 32 bytes
 * @throws GlassboxError `CRYPTO_BLS_SECRET_KEY_INVALID`.
 */
export async function blsKeyTransaction(
  contracts: Contracts,
  operator: string,
  secretKey: Uint8Array,
): Promise<ContractTransaction> {
  const { OperatorRegistry } = contracts;
  const key = blsPublicKey(secretKey);
  const { chainId, verifyingContract } = await readChain(OperatorRegistry.eip712Domain());
  const domain = { chainId, verifyingContract: verifyingContract as Hex };
  const digest = typedDataDigest(domain, POSSESSION_TYPE, { operator: operator as Hex, key: toHex(key) });
  return OperatorRegistry.setBlsKey.populateTransaction(padBlsKey(key), provePossession(digest, secretKey));
}

/**
 * Registers the BLS key of a secret for the sender, in place of the one it has. A key that was replaced stays slashable, and is never
 * accepted again.
 * @returns the public key, 96 bytes
 * @throws GlassboxError as {@link blsKeyTransaction}, or the registry's error.
 */
export async function registerBlsKey(
  contracts: Contracts,
  sender: TxSender,
  secretKey: Uint8Array,
): Promise<Uint8Array> {
  await sender.send(blsKeyTransaction(contracts, sender.address, secretKey));
  return blsPublicKey(secretKey);
}

/**
 * Sets the part of the rewards of its stake that the sender keeps.
 * @param bps parts of 10,000
 * @returns when it holds from, in seconds: at once for a fall, after the delay for a rise
 */
export async function setCommission(contracts: Contracts, sender: TxSender, bps: number): Promise<bigint> {
  const { OperatorRegistry } = contracts;
  const receipt = await sender.send(OperatorRegistry.setCommission.populateTransaction(bps));
  return eventOf(receipt, OperatorRegistry, "CommissionChanged").effectAt;
}

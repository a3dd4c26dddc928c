import { type ContractTransaction, Signature, type Signer } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { chainTime } from "../chain/read.ts";
import { chainError, isChainFailure } from "../chain/revert.ts";
import type { TxSender } from "../chain/tx-sender.ts";

/** How long a permit may wait for its transaction. */
const PERMIT_SECONDS = 3_600n;

const PERMIT_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** Tokens on their way to an operator. */
interface Deposit {
  readonly operator: string;
  readonly amountWei: bigint;
}

/** A deposit in two transactions, an allowance first: for any token and any sender. */
export async function depositTransactions(
  { StakePool, Token }: Contracts,
  { operator, amountWei }: Deposit,
): Promise<ContractTransaction[]> {
  return Promise.all([
    Token.approve.populateTransaction(await StakePool.getAddress(), amountWei),
    StakePool.deposit.populateTransaction(operator, amountWei, amountWei),
  ]);
}

/** Delegates `amountWei` of the deployment's token from the sender to an operator. */
export async function delegateStake(
  contracts: Contracts,
  sender: TxSender,
  operator: string,
  amountWei: bigint,
): Promise<void> {
  for (const transaction of await depositTransactions(contracts, { operator, amountWei }))
    await sender.send(transaction);
}

/**
 * A deposit in one transaction, with an allowance that the owner of the tokens signs (ERC-2612).
 * @param owner its key; connected to the chain.
 * @returns undefined if the token takes no permits, or does not say for which domain (ERC-5267).
 */
export async function permitDeposit(
  { StakePool, Token }: Contracts,
  owner: Signer,
  { operator, amountWei }: Deposit,
): Promise<ContractTransaction | undefined> {
  const address = await owner.getAddress();
  const terms = await permitTerms(Token, address);
  if (!terms || !owner.provider) return undefined;
  const deadline = (await chainTime(owner.provider)) + PERMIT_SECONDS;
  const message = {
    owner: address,
    spender: await StakePool.getAddress(),
    value: amountWei,
    nonce: terms.nonce,
    deadline,
  };
  const { v, r, s } = Signature.from(await owner.signTypedData(terms.domain, PERMIT_TYPES, message));
  return StakePool.depositWithPermit.populateTransaction(operator, amountWei, amountWei, deadline, v, r, s);
}

async function permitTerms(Token: Contracts["Token"], owner: string) {
  try {
    const [[, name, version, chainId, verifyingContract], nonce] = await Promise.all([
      Token.eip712Domain(),
      Token.nonces(owner),
    ]);
    return { nonce, domain: { name, version, chainId, verifyingContract } };
  } catch (error) {
    // A token without permits has none of these functions.
    const { code } = error as { code?: unknown };
    if (isChainFailure(error) && (code === "CALL_EXCEPTION" || code === "BAD_DATA")) return undefined;
    throw chainError(error);
  }
}

import type { ContractTransaction } from "ethers";

import { chainTime, readChain } from "../../chain/read.ts";
import { fromHex, toHex } from "../../core/bytes.ts";
import { ensureInput } from "../../core/errors.ts";
import { blsPublicKey } from "../../crypto/bls.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { operatorBlsKey } from "../../staking/bls-key.ts";
import { blsKeyTransaction } from "../../staking/operators.ts";
import { parseAddress, parseCount } from "../amounts.ts";
import type { Handler, Values } from "../command.ts";
import type { Context } from "../context.ts";
import { ensureOperator } from "../operators.ts";
import { accountNamed, loadAccount, withSession } from "../session.ts";
import { type PlanSession, transact } from "../transact.ts";
import { optionalOf, optionalTextOf } from "../values.ts";

const MAX_KEY_NUMBER = 2 ** 32 - 1;

/** Shows an operator's keys, or replaces the sender's. */
export const keys: Handler = async (context, values) => {
  const isChange = values["signer"] !== undefined || values["bls"] !== undefined;
  if (isChange) await change(context, values);
  else await show(context, values);
};

async function show(context: Context, values: Values): Promise<void> {
  ensureInput(values["calldata"] !== true, "CLI_OPTION_UNUSED", "--calldata goes with --signer or --bls");
  await withSession(context, async (session) => {
    const { contracts, provider } = session;
    const { OperatorRegistry } = contracts;
    const operator = await accountNamed(context, session, optionalTextOf(values, "operator"));
    await ensureOperator(contracts, operator);
    const signer = await readChain(OperatorRegistry.signerOf(operator));
    const found = await readChain(OperatorRegistry.blsKeyAt(operator, await chainTime(provider)));
    const blsKey = found === "0x" ? null : found;
    const blsKeyHash = blsKey === null ? null : toHex(keccak256(fromHex(blsKey)));
    context.result(
      { operator, signer, blsKey, blsKeyHash },
      [
        `operator  ${operator}`,
        `signer    ${signer}`,
        `bls key   ${blsKey ?? "-"}`,
        ...(blsKeyHash === null ? [] : [`  hash    ${blsKeyHash}`]),
      ].join("\n"),
    );
  });
}

async function change(context: Context, values: Values): Promise<void> {
  const signer = optionalOf(values, "signer", parseAddress);
  const number = optionalOf(values, "bls", (text) => parseCount(text, "--bls", MAX_KEY_NUMBER));
  const named = optionalTextOf(values, "operator");
  await transact(context, values, async (session) => {
    const operator = session.from();
    const isOwn = named === undefined || parseAddress(named) === operator;
    ensureInput(isOwn, "STAKING_KEYS_OF_ANOTHER", `${operator} can't replace the keys of ${named ?? ""}`);
    const transactions: ContractTransaction[] = [];
    if (signer !== undefined)
      transactions.push(await session.contracts.OperatorRegistry.setSigner.populateTransaction(signer));
    let blsKey: string | null = null;
    if (number !== undefined) {
      const secretKey = await blsSecret(context, session, number);
      blsKey = toHex(blsPublicKey(secretKey));
      transactions.push(await blsKeyTransaction(session.contracts, operator, secretKey));
    }
    const shown = [
      ...(signer === undefined ? [] : [`signer ${signer}`]),
      ...(blsKey === null ? [] : [`bls key ${blsKey}`]),
    ];
    return {
      transactions,
      report: () => {
        context.result({ operator, signer: signer ?? null, blsKey }, `${operator} now has ${shown.join(" and ")}`);
      },
      next: `then \`glassbox operator keys ${operator}\` shows ${shown.join(" and ")}`,
    };
  });
}

/** The secret comes from the keystore or the development mnemonic, also where somebody else sends. */
async function blsSecret(context: Context, { book }: PlanSession, number: number): Promise<Uint8Array> {
  const { privateKey } = await loadAccount(context.settings, book.chainId);
  return operatorBlsKey(fromHex(privateKey, 32), number);
}

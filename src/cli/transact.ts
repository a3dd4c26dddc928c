import type { BaseContract, ContractTransaction, TransactionReceipt, Wallet } from "ethers";

import type { Contracts } from "../chain/contracts.ts";
import { ensureInput } from "../core/errors.ts";
import { parseAddress } from "./amounts.ts";
import type { Values } from "./command.ts";
import type { Context } from "./context.ts";
import { type Session, withSession, withSigningSession } from "./session.ts";
import { optionalOf } from "./values.ts";

/** What a command wants to write, before any of it is sent. */
export interface Plan {
  /** In order; each may need what those before it did. */
  readonly transactions: readonly ContractTransaction[];
  /** Tells what happened, once everything is included. */
  readonly report: (receipts: readonly TransactionReceipt[]) => Promise<void> | void;
  /** What to do or to know when the transactions are executed elsewhere, where `report` does not see their receipts. */
  readonly next: string;
}

/** What a plan is made from. */
export interface PlanSession extends Session {
  /** Signs what is not a transaction, like a permit; absent where transactions are only printed. */
  readonly wallet: Wallet | undefined;
  /** Says who sends. @throws GlassboxError `CLI_FROM_MISSING` */
  readonly from: () => string;
}

/**
 * Carries out what a command plans: sends it with the account that the settings name, or with `--calldata` prints it for another
 * account to send, one `{to, data, value}` a line, which needs no key.
 * @throws GlassboxError what connecting, planning or sending throws.
 */
export async function transact(
  context: Context,
  values: Values,
  plan: (session: PlanSession) => Promise<Plan>,
): Promise<void> {
  const from = optionalOf(values, "from", parseAddress);
  if (values["calldata"] === true) {
    await withSession(context, async (session) => {
      const sender = (): string => {
        ensureInput(from !== undefined, "CLI_FROM_MISSING", "these transactions depend on who sends them", {
          hint: "name the account with --from",
        });
        return from;
      };
      print(context, session.contracts, await plan({ ...session, wallet: undefined, from: sender }));
    });
    return;
  }
  ensureInput(from === undefined, "CLI_FROM_UNUSED", "--from goes with --calldata", {
    hint: "what is sent is sent by the account of --keystore or --dev-account",
  });
  await withSigningSession(context, async ({ sender, ...session }) => {
    const { transactions, report } = await plan({ ...session, from: () => sender.address });
    const receipts: TransactionReceipt[] = [];
    for (const transaction of transactions) receipts.push(await sender.send(transaction));
    await report(receipts);
  });
}

function print(context: Context, contracts: Contracts, { transactions, next }: Plan): void {
  for (const [index, transaction] of transactions.entries()) {
    const { to, data, value = 0n } = transaction;
    const call = { to, data, value: value.toString() };
    context.progress(`${index + 1} of ${transactions.length}: ${describe(contracts, transaction)}`);
    context.result(call, JSON.stringify(call));
  }
  context.progress(next);
}

/** The call in words, so that who signs can compare it with what was meant. */
function describe(contracts: Contracts, { to, data }: ContractTransaction): string {
  const known = Object.entries(contracts) as [string, BaseContract][];
  const [name, contract] = known.find(([, { target }]) => target === to) ?? [];
  const call = contract?.interface.parseTransaction({ data });
  if (name === undefined || !call) return `call of ${to}`;
  const shown = call.args.map((value: unknown, index) => `${call.fragment.inputs[index]?.name ?? ""} ${String(value)}`);
  return `${name}.${call.name}(${shown.join(", ")})`;
}

import { ZeroAddress } from "ethers";

import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { toHex } from "../../core/bytes.ts";
import { ensureCheck, ensureInput } from "../../core/errors.ts";
import { epochAt } from "../../staking/service-home.ts";
import { compareTable, type ComparedTable } from "../../staking/table-history.ts";
import { totalWeight } from "../../staking/table.ts";
import { builtTable } from "../../worker/set-relayer.ts";
import { parseAddress, parseCount, parseId, parseShare, showPart, showTokens } from "../amounts.ts";
import type { Handler, Values } from "../command.ts";
import { openNamedService } from "../service-chain.ts";
import { type Session, withSession, withSigningSession } from "../session.ts";
import { transact } from "../transact.ts";
import { optionalOf, textOf } from "../values.ts";

/** What `ServiceRegistry` allows. */
const MAX_SEATS = 200;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_SECONDS = 10 ** 9;
/** Asks `ServiceRegistry` for a group of its own. */
const NEW_GROUP = 0;

/** Creates a service. */
export const create: Handler = async (context, values) => {
  const seats = parseCount(textOf(values, "seats"), "--seats", MAX_SEATS);
  const groupId = optionalOf(values, "group", (text) => parseCount(text, "--group", MAX_UINT32)) ?? NEW_GROUP;
  const slashCapWad = parseShare(textOf(values, "cap"), "--cap");
  const [verifier, sink, obligor] = ["verifier", "sink", "obligor"].map((name) =>
    optionalOf(values, name, parseAddress),
  );
  const obligation = optionalOf(values, "obligation", (text) => parseCount(text, "--obligation", MAX_SECONDS));
  await transact(context, values, async ({ contracts, provider }) => {
    const { ServiceRegistry, EquivocationVerifier } = contracts;
    const code = verifier === undefined ? undefined : await readChain(provider.getCode(verifier));
    ensureInput(code !== "0x", "CLI_VERIFIER_MISSING", `the chain has no contract at ${verifier ?? ""}`, {
      hint: "a service's judge never changes: one that is not there could never slash",
    });
    const params = {
      groupId,
      evidenceVerifier: verifier ?? (await EquivocationVerifier.getAddress()),
      maxObligationSeconds: obligation ?? (await readChain(ServiceRegistry.delaySeconds())),
      seats,
      obligor: obligor ?? ZeroAddress,
      slashCapWad,
      sink: sink ?? ZeroAddress,
    };
    return {
      transactions: [await ServiceRegistry.createService.populateTransaction(params)],
      report: (receipts) => {
        const { serviceId, groupId: given } = eventOf(receipts, ServiceRegistry, "ServiceCreated");
        const text = `service ${serviceId} of group ${given}, judged by ${params.evidenceVerifier}`;
        context.result({ service: serviceId, ...params, groupId: given }, text);
      },
      next: "the event ServiceCreated names its number",
    };
  });
};

/** Recomputes a table, compares it with the chain's, and builds it there if asked to. */
export const table: Handler = async (context, values) => {
  const named = optionalOf(values, "epoch", (text) => parseId(text, "--epoch"));
  if (values["build"] === true) {
    await withSigningSession(context, async ({ sender, ...session }) => {
      const { home, epoch } = await tableNamed(session, values, named);
      await builtTable(epoch, { home, homeSender: sender });
    });
  }
  await withSession(context, async (session) => {
    const { home, epoch: wanted } = await tableNamed(session, values, named);
    const compared = await compareTable(home, wanted);
    const { epoch, hash, validators, address, isSame } = compared;
    ensureCheck(
      address === undefined || isSame,
      "STAKING_TABLE_MISMATCH",
      `the table on chain at ${address ?? ""} is not that of the chain's history`,
      { details: { epoch, hash, address } },
    );
    const rows = validators.map(({ seat, operator, key, weight }) => ({ seat, operator, key: toHex(key), weight }));
    context.result({ service: home.serviceId, epoch, hash, table: address ?? null, rows }, tableText(compared));
  });
};

/** The service and the epoch that the user means. @throws GlassboxError `STAKING_EPOCH_FUTURE`, `STAKING_EPOCH_UNDEPLOYED`. */
async function tableNamed({ contracts, provider, book }: Session, values: Values, named: bigint | undefined) {
  const home = await openNamedService(contracts, values);
  const present = epochAt(home, await chainTime(provider));
  if (named === undefined) return { home, epoch: present };
  ensureInput(named <= present, "STAKING_EPOCH_FUTURE", `epoch ${named} has not begun, the present one is ${present}`);
  const start = await readChain(provider.getBlock(book.startBlock));
  const first = epochAt(home, BigInt(start?.timestamp ?? 0));
  const message = `epoch ${named} has no table: the deployment is of epoch ${first}`;
  ensureInput(named >= first, "STAKING_EPOCH_UNDEPLOYED", message);
  return { home, epoch: named };
}

function tableText({ epoch, hash, validators, address }: ComparedTable): string {
  const total = totalWeight(validators);
  const rows = validators.map(
    ({ seat, operator, weight }) =>
      `${String(seat).padStart(4)}  ${operator}  ${showTokens(weight)}, ${showPart(weight, total)}`,
  );
  return [
    `epoch     ${epoch}`,
    `hash      ${hash}`,
    `on chain  ${address === undefined ? "not built" : `the same, at ${address}`}`,
    `weight    ${showTokens(total)}`,
    rows.length === 0 ? "no validators" : "seat  operator",
    ...rows,
  ].join("\n");
}

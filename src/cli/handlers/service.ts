import { ZeroAddress } from "ethers";

import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { toHex } from "../../core/bytes.ts";
import { ensureCheck } from "../../core/errors.ts";
import { epochAt } from "../../staking/service-home.ts";
import { compareTable, type ComparedTable } from "../../staking/table-history.ts";
import { totalWeight } from "../../staking/table.ts";
import { builtTable } from "../../worker/set-relayer.ts";
import { parseAddress, parseCount, parseId, parseShare, showPart, showTokens } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openNamedService } from "../service-chain.ts";
import { withSession, withSigningSession } from "../session.ts";
import { transact } from "../transact.ts";
import { optionalOf, textOf } from "../values.ts";

const MAX_UINT16 = 2 ** 16 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_SECONDS = 10 ** 9;

/** Creates a service. */
export const create: Handler = async (context, values) => {
  const seats = parseCount(textOf(values, "seats"), "--seats", MAX_UINT16);
  const groupId = parseCount(textOf(values, "group"), "--group", MAX_UINT32);
  const slashCapWad = parseShare(textOf(values, "cap"), "--cap");
  const [verifier, sink, obligor] = ["verifier", "sink", "obligor"].map((name) =>
    optionalOf(values, name, parseAddress),
  );
  const obligation = optionalOf(values, "obligation", (text) => parseCount(text, "--obligation", MAX_SECONDS));
  await transact(context, values, async ({ contracts }) => {
    const { ServiceRegistry, EquivocationVerifier } = contracts;
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
        const { serviceId, groupId: group } = eventOf(receipts, ServiceRegistry, "ServiceCreated");
        const text = `service ${serviceId} of group ${group}, judged by ${params.evidenceVerifier}`;
        context.result({ service: serviceId, group, ...params, groupId: group }, text);
      },
      next: "the event ServiceCreated names its number",
    };
  });
};

/** Recomputes a table, compares it with the chain's, and builds it there if asked to. */
export const table: Handler = async (context, values) => {
  const named = optionalOf(values, "epoch", (text) => parseId(text, "--epoch"));
  if (values["build"] === true) {
    await withSigningSession(context, async ({ contracts, provider, sender }) => {
      const home = await openNamedService(contracts, values);
      const epoch = named ?? epochAt(home, await chainTime(provider));
      await builtTable(epoch, { home, homeSender: sender });
    });
  }
  await withSession(context, async ({ contracts, provider }) => {
    const home = await openNamedService(contracts, values);
    const compared = await compareTable(home, named ?? epochAt(home, await chainTime(provider)));
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

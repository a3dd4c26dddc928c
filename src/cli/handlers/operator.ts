import { eventOf, eventsOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { joinTransactions, leaveTransactions, settleTransactions } from "../../staking/participation.ts";
import { formatShare, parseAddress, parseBps, parseCount, parseShare, showBps } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { serviceNamed } from "../services.ts";
import { historyOf } from "../session.ts";
import { formatTime, showTime } from "../times.ts";
import { transact } from "../transact.ts";
import { optionalOf, textOf } from "../values.ts";

/** What `OperatorRegistry` keeps of an endpoint. */
const MAX_ENDPOINT_BYTES = 256;
const MAX_SEAT = 199;

/** Registers the sender as an operator. */
export const register: Handler = async (context, values) => {
  const endpoint = parseEndpoint(textOf(values, "endpoint"));
  const namedSigner = optionalOf(values, "signer", parseAddress);
  await transact(context, values, async ({ contracts, from }) => {
    const { OperatorRegistry } = contracts;
    const signer = namedSigner ?? from();
    return {
      transactions: [await OperatorRegistry.register.populateTransaction(signer, endpoint)],
      report: (receipts) => {
        const { operator } = eventOf(receipts, OperatorRegistry, "OperatorRegistered");
        const text = `registered ${operator}, whose worker signs as ${signer}`;
        context.result({ operator, signer, endpoint }, text);
      },
      next: "then `glassbox operator status <account>` shows the operator",
    };
  });
};

/** Changes the sender's endpoint and commission. */
export const update: Handler = async (context, values) => {
  const endpoint = optionalOf(values, "endpoint", parseEndpoint);
  const bps = optionalOf(values, "commission", (text) => parseBps(text, "--commission"));
  const isChange = endpoint !== undefined || bps !== undefined;
  ensureInput(isChange, "CLI_OPTION_MISSING", "give --endpoint, --commission or both");
  await transact(context, values, async ({ contracts, provider }) => {
    const { OperatorRegistry } = contracts;
    return {
      transactions: await Promise.all([
        ...(endpoint === undefined ? [] : [OperatorRegistry.setEndpoint.populateTransaction(endpoint)]),
        ...(bps === undefined ? [] : [OperatorRegistry.setCommission.populateTransaction(bps)]),
      ]),
      report: async (receipts) => {
        const [change] = eventsOf(receipts, OperatorRegistry, "CommissionChanged");
        const now = await chainTime(provider);
        const kept = change && `keeps ${showBps(change.bps)} of rewards from ${showTime(change.effectAt, now)} on`;
        const moved = endpoint === undefined ? [] : [`answers at ${endpoint === "" ? "no endpoint" : endpoint}`];
        context.result(
          {
            endpoint: endpoint ?? null,
            commission: change ? { bps: change.bps, effectAt: formatTime(change.effectAt) } : null,
          },
          `the operator ${[...moved, ...(kept === undefined ? [] : [kept])].join(" and ")}`,
        );
      },
      next: "then `glassbox operator status <account>` shows the change",
    };
  });
};

/** Announces that a share of the sender's stake secures a service. */
export const join: Handler = async (context, values) => {
  const magnitudeWad = optionalOf(values, "magnitude", (text) => parseShare(text, "--magnitude"));
  const seat = optionalOf(values, "seat", (text) => parseCount(text, "--seat", MAX_SEAT));
  await transact(context, values, async (session) => {
    const { contracts, provider } = session;
    const { ServiceRegistry } = contracts;
    const operator = session.from();
    const serviceId = await serviceNamed(contracts, textOf(values, "service"));
    const transactions = await joinTransactions(contracts, operator, { serviceId, magnitudeWad, seat });
    ensureInput(transactions.length > 0, "STAKING_JOINED_ALREADY", `${operator} has joined service ${serviceId}`, {
      hint: "give another --magnitude to change how much of the stake it risks",
    });
    const settlements = await settleTransactions(contracts, historyOf(session, values), operator);
    return {
      transactions: [...settlements, ...transactions],
      report: async (receipts) => {
        const announced = [
          ...eventsOf(receipts, ServiceRegistry, "MagnitudeSet"),
          ...eventsOf(receipts, ServiceRegistry, "Joined"),
        ];
        const effectAt = announced.reduce((latest, event) => (event.effectAt > latest ? event.effectAt : latest), 0n);
        const { groupId } = await readChain(ServiceRegistry.service(serviceId));
        const [pendingWad, pendingAt] = await readChain(ServiceRegistry.pendingMagnitude(groupId, operator));
        const wad =
          pendingAt === 0n ? await readChain(ServiceRegistry.magnitudeAt(groupId, operator, effectAt)) : pendingWad;
        context.result(
          { operator, serviceId, magnitudeWad: wad, effectAt: formatTime(effectAt) },
          `${formatShare(wad)} of the stake secures service ${serviceId} from ${showTime(effectAt, await chainTime(provider))} on`,
        );
      },
      next: `then \`glassbox operator exposure ${operator}\` shows when it takes effect`,
    };
  });
};

/** Announces that the sender leaves a service. */
export const leave: Handler = async (context, values) => {
  await transact(context, values, async ({ contracts, provider }) => {
    const { ServiceRegistry } = contracts;
    const serviceId = await serviceNamed(contracts, textOf(values, "service"));
    return {
      transactions: await leaveTransactions(contracts, serviceId, values["free"] === true),
      report: async (receipts) => {
        const { operator, effectAt } = eventOf(receipts, ServiceRegistry, "Quit");
        context.result(
          { operator, serviceId, effectAt: formatTime(effectAt) },
          `service ${serviceId} lays no new obligation on ${operator}, and can't slash it for offences from ${showTime(effectAt, await chainTime(provider))} on`,
        );
      },
      next: "then `glassbox operator exposure <account>` shows when it takes effect",
    };
  });
};

function parseEndpoint(text: string): string {
  const isUrl = text === "" || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
  const fits = Buffer.byteLength(text) <= MAX_ENDPOINT_BYTES;
  const message = `--endpoint takes an http(s) URL of at most ${MAX_ENDPOINT_BYTES} bytes, got ${text}`;
  ensureInput(isUrl && fits, "CLI_ENDPOINT_INVALID", message);
  return text;
}

import { eventOf, eventsOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { joinTransactions, leaveTransactions } from "../../staking/operators.ts";
import { formatShare, formatTime, parseAddress, parseShare, showTime } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { serviceNamed } from "../services.ts";
import { transact } from "../transact.ts";
import { optionalTextOf, textOf } from "../values.ts";

/** What `OperatorRegistry` keeps of an endpoint. */
const MAX_ENDPOINT_BYTES = 256;

/** Registers the sender as an operator. */
export const register: Handler = async (context, values) => {
  const endpoint = parseEndpoint(textOf(values, "endpoint"));
  const named = optionalTextOf(values, "signer");
  const namedSigner = named === undefined ? undefined : parseAddress(named);
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

/** Announces that a share of the sender's stake secures a service. */
export const join: Handler = async (context, values) => {
  const share = optionalTextOf(values, "magnitude");
  const magnitudeWad = share === undefined ? undefined : parseShare(share, "--magnitude");
  await transact(context, values, async ({ contracts, provider, from }) => {
    const { ServiceRegistry } = contracts;
    const operator = from();
    const serviceId = await serviceNamed(contracts, textOf(values, "service"));
    const transactions = await joinTransactions(contracts, operator, { serviceId, magnitudeWad });
    ensureInput(transactions.length > 0, "STAKING_JOINED_ALREADY", `${operator} has joined service ${serviceId}`, {
      hint: "give another --magnitude to change how much of the stake it risks",
    });
    return {
      transactions,
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

import { ZeroAddress } from "ethers";

import { chainTime, readChain } from "../../chain/read.ts";
import { readExposure, servicesOf, type ServiceExposure } from "../../staking/exposure.ts";
import { showBps, showPart, showTokens } from "../amounts.ts";
import type { Handler, Values } from "../command.ts";
import type { Context } from "../context.ts";
import { ensureOperator } from "../operators.ts";
import { serviceNames } from "../services.ts";
import { accountNamed, historyOf, type Session, withSession } from "../session.ts";
import { formatTime, showDuration, showTime } from "../times.ts";
import { optionalTextOf } from "../values.ts";

const WAD = 10n ** 18n;

/** Shows an operator: its keys, its stake, and the services that the stake secures. */
export const status: Handler = async (context, values) => {
  await withSession(context, async (session) => {
    const { OperatorRegistry, StakePool } = session.contracts;
    const { operator, services, now } = await read(context, session, values);
    const [signer, endpoint, stakeWei, slashableWei, generation] = await readChain(
      Promise.all([
        OperatorRegistry.signerOf(operator),
        OperatorRegistry.endpointOf(operator),
        StakePool.stakeOf(operator),
        StakePool.slashableOf(operator),
        StakePool.generationOf(operator),
      ]),
    );
    const blsKey = await readChain(OperatorRegistry.blsKeyAt(operator, now));
    const [bps, [pendingBps, pendingAt]] = await readChain(
      Promise.all([OperatorRegistry.commissionBpsOf(operator), OperatorRegistry.pendingCommission(operator)]),
    );
    const rise = pendingAt === 0n ? undefined : { bps: pendingBps, effectAt: formatTime(pendingAt) };
    const later = rise && `, ${showBps(pendingBps)} from ${showTime(pendingAt, now)} on`;
    const leavingWei = slashableWei - stakeWei;
    context.result(
      {
        ...{ operator, signer, endpoint, blsKey: blsKey === "0x" ? null : blsKey },
        ...{ commission: { bps, change: rise ?? null }, stakeWei, leavingWei, generation },
        services: services.map(exposureJson),
      },
      [
        `operator  ${operator}`,
        `signer    ${signer}`,
        `bls key   ${blsKey === "0x" ? "-" : blsKey}`,
        `endpoint  ${endpoint === "" ? "-" : endpoint}`,
        `keeps     ${showBps(bps)} of rewards${later ?? ""}`,
        `stake     ${showTokens(stakeWei)}, and ${showTokens(leavingWei)} on the way out; generation ${generation}`,
        ...services.map((service) => `${service.name.padEnd(9)} ${summary(service, now)}`),
      ].join("\n"),
    );
  });
};

/** Shows who can take how much of an operator's stake, and why. */
export const exposure: Handler = async (context, values) => {
  await withSession(context, async (session) => {
    const { operator, services, now } = await read(context, session, values);
    const { StakePool, ServiceRegistry } = session.contracts;
    const [slashableWei, totalWad, committedWad, delaySeconds, epochSeconds] = await readChain(
      Promise.all([
        StakePool.slashableOf(operator),
        ServiceRegistry.totalMagnitude(operator),
        ServiceRegistry.committedMagnitude(operator),
        ServiceRegistry.delaySeconds(),
        ServiceRegistry.epochSeconds(),
      ]),
    );
    context.result(
      {
        operator,
        slashableWei,
        totalWad,
        committedWad,
        delaySeconds,
        epochSeconds,
        services: services.map(exposureJson),
      },
      [
        `operator   ${operator}`,
        `slashable  ${showTokens(slashableWei)}, what is leaving included`,
        `promised   ${showPart(committedWad, totalWad)} of it, over all groups of services`,
        `notice     ${showDuration(delaySeconds + epochSeconds)} before more is at risk; leaving takes ${showDuration(delaySeconds)}`,
        ...services.flatMap((service) => ["", ...details(service, services, session, { now, epochSeconds })]),
      ].join("\n"),
    );
  });
};

/** An exposure with the name that users know the service by. */
type NamedExposure = ServiceExposure & { readonly name: string };

async function read(context: Context, session: Session, values: Values) {
  const { contracts, provider } = session;
  const operator = await accountNamed(context, session, optionalTextOf(values, "operator"));
  await ensureOperator(contracts, operator);
  const names = await serviceNames(contracts);
  const joined = await servicesOf(contracts, historyOf(session, values), operator);
  const now = await chainTime(provider);
  const services: NamedExposure[] = [];
  for (const serviceId of [...new Set([...names.keys(), ...joined.keys()])].sort((a, b) => Number(a - b))) {
    const found = await readExposure(contracts, operator, serviceId, joined.get(serviceId), now);
    services.push({ name: names.get(serviceId) ?? `service ${serviceId}`, ...found });
  }
  return { operator, services, now };
}

function exposureJson({ membershipChanges, magnitudeChange, seat, jailedUntil, ...service }: NamedExposure) {
  const dated = <T extends { readonly effectAt: bigint }>(change: T) => ({
    ...change,
    effectAt: formatTime(change.effectAt),
  });
  return {
    ...service,
    membershipChanges: membershipChanges.map(dated),
    magnitudeChange: magnitudeChange ? dated(magnitudeChange) : null,
    seat: seat ?? null,
    jailedUntil: jailedUntil === undefined ? null : formatTime(jailedUntil),
  };
}

/** One line on a service. */
function summary(service: NamedExposure, now: bigint): string {
  const { isMember, obligor, reservedWei, availableWei } = service;
  const coverage =
    isMember && obligor !== ZeroAddress
      ? `; ${showTokens(reservedWei)} reserved, ${showTokens(availableWei)} free`
      : "";
  return `${[membership(service, now), magnitude(service, now)].filter((part) => part !== "").join(", ")}${coverage}`;
}

function membership({ isMember, membershipChanges, seat, jailedUntil }: NamedExposure, now: bigint): string {
  const held = seat === undefined ? "" : ` in seat ${seat}`;
  const changes = membershipChanges.map((change) => {
    const date = showTime(change.effectAt, now);
    return change.isMember ? `joins${held} at ${date}` : `leaves at ${date}`;
  });
  const jail = jailedUntil === undefined ? [] : [`in jail until ${showTime(jailedUntil, now)}`];
  return [isMember ? `member${held}` : "not a member", ...jail, ...changes].join(", ");
}

function magnitude({ magnitudeWad, magnitudeChange, totalWad }: NamedExposure, now: bigint): string {
  const change =
    magnitudeChange &&
    `${showPart(magnitudeChange.magnitudeWad, totalWad)} from ${showTime(magnitudeChange.effectAt, now)} on`;
  const present = magnitudeWad === 0n ? [] : [`${showPart(magnitudeWad, totalWad)} of the stake`];
  return [...present, ...(change === undefined ? [] : [change])].join(", ");
}

/** Everything on a service that decides what it can take. */
function details(
  service: NamedExposure,
  siblings: readonly NamedExposure[],
  { book }: Session,
  { now, epochSeconds }: { readonly now: bigint; readonly epochSeconds: bigint },
): string[] {
  const { name, serviceId, groupId, slashCapWad, maxObligationSeconds } = service;
  const group = siblings.filter((other) => other.groupId === groupId && other.serviceId !== serviceId);
  const shared = group.length === 0 ? "" : `, shared with ${group.map((other) => other.name).join(", ")}`;
  const [judge] = Object.entries(book.contracts).find(([, address]) => address === service.verifier) ?? [];
  const cap =
    slashCapWad === WAD ? "no cap" : `at most ${showPart(slashCapWad, WAD)} of that in ${showDuration(epochSeconds)}`;
  const covers =
    service.obligor === ZeroAddress
      ? "reserves no stake"
      : `${showTokens(service.reservedWei)} reserved, ${showTokens(service.availableWei)} free`;
  const announced = magnitude(service, now);
  return [
    `${name} (service ${serviceId}, group ${groupId}${shared})`,
    `  membership   ${membership(service, now)}`,
    `  at risk      ${showTokens(service.atRiskWei)}${announced === "" ? "" : `: ${announced}`}; ${cap}`,
    `  judged by    ${service.verifier}${judge === undefined ? "" : ` (${judge})`}, and nobody else`,
    `  slashed      ${service.sink === ZeroAddress ? "is burnt" : `goes to ${service.sink}`}`,
    `  obligations  last up to ${showDuration(maxObligationSeconds)}; ${covers}`,
  ];
}

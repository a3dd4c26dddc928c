import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { joinService, registerOperator } from "../../staking/operators.ts";
import { formatShare, formatTime, formatTokens, parseAddress, parseCount, parseShare } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSession, withSigningSession } from "../session.ts";
import { optionalTextOf, textOf } from "../values.ts";

/** What `OperatorRegistry` keeps of an endpoint. */
const MAX_ENDPOINT_BYTES = 256;
const MAX_SERVICE = 2 ** 32 - 1;

/** Registers the signing account as an operator. */
export const register: Handler = async (context, values) => {
  const endpoint = parseEndpoint(textOf(values, "endpoint"));
  const named = optionalTextOf(values, "signer");
  const namedSigner = named === undefined ? undefined : parseAddress(named);
  await withSigningSession(context, async ({ contracts, sender }) => {
    const signer = namedSigner ?? sender.address;
    await registerOperator(contracts, sender, signer, endpoint);
    const text = `registered ${sender.address}, whose worker signs as ${signer}`;
    context.result({ operator: sender.address, signer, endpoint }, text);
  });
};

/** Exposes a share of the signing operator's stake to a service. */
export const join: Handler = async (context, values) => {
  const magnitudeWad = parseShare(textOf(values, "magnitude"), "--magnitude");
  await withSigningSession(context, async ({ contracts, sender }) => {
    const serviceId = await serviceNamed(contracts, textOf(values, "service"));
    const effectAt = await joinService(contracts, sender, serviceId, magnitudeWad);
    const date = formatTime(effectAt);
    context.result(
      { operator: sender.address, serviceId, magnitudeWad, effectAt: date },
      `${formatShare(magnitudeWad)} of the stake secures service ${serviceId} from ${date} on`,
    );
  });
};

/** Shows an operator: its keys, its stake, and what the stake secures in this deployment's services. */
export const status: Handler = async (context, values) => {
  const operator = parseAddress(textOf(values, "operator"));
  await withSession(context, async ({ contracts }) => {
    const { OperatorRegistry, StakePool } = contracts;
    const isOperator = await readChain(OperatorRegistry.isOperator(operator));
    ensureInput(isOperator, "CLI_OPERATOR_UNKNOWN", `${operator} is not an operator`, {
      hint: "`glassbox operator register` makes the signing account one",
    });
    const [signer, endpoint, stakeWei, storage, compute] = await readChain(
      Promise.all([
        OperatorRegistry.signerOf(operator),
        OperatorRegistry.endpointOf(operator),
        StakePool.stakeOf(operator),
        exposure(contracts, operator, "storage"),
        exposure(contracts, operator, "compute"),
      ]),
    );
    const rows = [storage, compute].map(({ service, isMember, magnitudeWad, availableWei, reservedWei, pending }) => {
      const now = isMember ? `${formatShare(magnitudeWad)} of the stake` : "not a member";
      const later = pending === null ? "" : `, ${formatShare(pending.magnitudeWad)} from ${pending.effectAt} on`;
      return `${service.padEnd(9)} ${now}${later}; ${formatTokens(reservedWei)} reserved, ${formatTokens(availableWei)} free`;
    });
    context.result(
      { operator, signer, endpoint, stakeWei, services: [storage, compute] },
      [
        `operator  ${operator}`,
        `signer    ${signer}`,
        `endpoint  ${endpoint === "" ? "-" : endpoint}`,
        `stake     ${formatTokens(stakeWei)}`,
        ...rows,
      ].join("\n"),
    );
  });
};

type NamedService = "storage" | "compute";

async function exposure(contracts: Contracts, operator: string, service: NamedService) {
  const { ServiceRegistry, StakePool } = contracts;
  const serviceId = await serviceNamed(contracts, service);
  const { groupId } = await ServiceRegistry.service(serviceId);
  const [isMember, magnitudeWad, [pendingWad, effectAt], availableWei, reservedWei] = await Promise.all([
    ServiceRegistry.isObligable(serviceId, operator),
    ServiceRegistry.magnitudeCovering(groupId, operator),
    ServiceRegistry.pendingMagnitude(groupId, operator),
    StakePool.availableWei(serviceId, operator),
    StakePool.reservedWei(serviceId, operator),
  ]);
  const pending = effectAt === 0n ? null : { magnitudeWad: pendingWad, effectAt: formatTime(effectAt) };
  return { service, serviceId, isMember, magnitudeWad, pending, availableWei, reservedWei };
}

function serviceNamed({ StorageProofs, JobRegistry }: Contracts, name: string): Promise<bigint> {
  if (name === "storage") return readChain(StorageProofs.serviceId());
  if (name === "compute") return readChain(JobRegistry.serviceId());
  const isNumber = /^\d+$/.test(name);
  ensureInput(isNumber, "CLI_SERVICE_UNKNOWN", `service takes storage, compute or a service's number, got ${name}`);
  return Promise.resolve(BigInt(parseCount(name, "service", MAX_SERVICE)));
}

function parseEndpoint(text: string): string {
  const isUrl = text === "" || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
  const fits = Buffer.byteLength(text) <= MAX_ENDPOINT_BYTES;
  const message = `--endpoint takes an http(s) URL of at most ${MAX_ENDPOINT_BYTES} bytes, got ${text}`;
  ensureInput(isUrl && fits, "CLI_ENDPOINT_INVALID", message);
  return text;
}

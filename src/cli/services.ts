import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { ensureInput } from "../core/errors.ts";
import { parseCount } from "./amounts.ts";

const MAX_SERVICE = 2 ** 32 - 1;

/** The names of the services that a deployment comes with, by number. */
export async function serviceNames({ StorageProofs, JobRegistry }: Contracts): Promise<Map<bigint, string>> {
  const [storage, compute] = await readChain(Promise.all([StorageProofs.serviceId(), JobRegistry.serviceId()]));
  return new Map([
    [storage, "storage"],
    [compute, "compute"],
  ]);
}

/**
 * The number of the service that the user names.
 * @throws GlassboxError `CLI_SERVICE_UNKNOWN`
 */
export async function serviceNamed(contracts: Contracts, name: string): Promise<bigint> {
  const names = await serviceNames(contracts);
  for (const [serviceId, known] of names) if (known === name) return serviceId;
  const isNumber = /^\d+$/.test(name);
  const known = [...names.values()].join(", ");
  ensureInput(isNumber, "CLI_SERVICE_UNKNOWN", `service takes ${known} or a service's number, got ${name}`);
  return BigInt(parseCount(name, "service", MAX_SERVICE));
}

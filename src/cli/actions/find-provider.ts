import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import { GlassboxError } from "../../core/errors.ts";
import type { Hex } from "../../core/bytes.ts";

/** The most operators that are asked. */
const MAX_OPERATORS = 64n;

/** An operator that offers a model version, with where its worker answers. */
export interface Provider {
  readonly address: Hex;
  readonly url: string;
  readonly priceWei: bigint;
}

/**
 * The operator of the compute service whose worker is at `url`, or without one the first, among those that offer the version.
 * @throws GlassboxError `MODEL_NOT_OFFERED`.
 */
export async function findProvider(contracts: Contracts, versionId: bigint, url?: string): Promise<Provider> {
  const { JobRegistry, OperatorRegistry, ServiceRegistry } = contracts;
  const service = await readChain(JobRegistry.serviceId());
  const members = await readChain(ServiceRegistry.members(service, 0n, MAX_OPERATORS));
  for (const address of members as Hex[]) {
    const endpoint = await readChain(OperatorRegistry.endpointOf(address));
    if (!URL.canParse(endpoint)) continue;
    if (url !== undefined && new URL(url).href !== new URL(endpoint).href) continue;
    const priceWei = await currentPriceWei(contracts, address, versionId);
    if (priceWei !== undefined) return { address, url: endpoint, priceWei };
  }
  const where = url === undefined ? "no operator" : `no operator at ${url}`;
  throw new GlassboxError("usage", "MODEL_NOT_OFFERED", `${where} offers version ${versionId}`, {
    hint: "operators set a price with `glassbox model offer`",
  });
}

async function currentPriceWei(
  { Settlement }: Contracts,
  provider: Hex,
  versionId: bigint,
): Promise<bigint | undefined> {
  try {
    const [, priceWei] = await readChain(Settlement.currentPrice(provider, versionId));
    return priceWei;
  } catch (error) {
    if (error instanceof GlassboxError && error.details["error"] === "SettlementUnknownPrice") return undefined;
    throw error;
  }
}

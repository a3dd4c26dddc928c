import { chainTime, readChain } from "../../chain/read.ts";
import { deployServiceInbox } from "../../chain/service-inbox.ts";
import { toHex } from "../../core/bytes.ts";
import { epochAt } from "../../staking/service-home.ts";
import { tableFromHistory } from "../../staking/table-history.ts";
import { parseCount, parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openNamedService, withServiceChain } from "../service-chain.ts";
import { withSigningSession } from "../session.ts";
import { optionalOf } from "../values.ts";

const MAX_SECONDS = 10 ** 9;

/** Creates an inbox of a service on another chain. */
export const inbox: Handler = async (context, values) => {
  const maxAge = optionalOf(values, "maxAge", (text) => BigInt(parseCount(text, "--max-age", MAX_SECONDS)));
  const named = optionalOf(values, "epoch", (text) => parseId(text, "--epoch"));
  await withSigningSession(context, async ({ contracts, provider, wallet }) => {
    const home = await openNamedService(contracts, values);
    const epoch = named ?? epochAt(home, await chainTime(provider));
    const { table, hash, validators } = await tableFromHistory(home, epoch);
    await withServiceChain(values, async (serviceProvider) => {
      const { address, blockNumber } = await deployServiceInbox(wallet.connect(serviceProvider), {
        homeChainId: home.domain.chainId,
        homeRegistry: home.domain.verifyingContract,
        serviceId: home.serviceId,
        epochSeconds: home.epochSeconds,
        maxAgeSeconds: maxAge ?? home.delaySeconds / 2n,
        genesisEpoch: epoch,
        genesisTable: toHex(table),
      });
      const { chainId } = await readChain(serviceProvider.getNetwork());
      context.result(
        { service: home.serviceId, inbox: address, chainId, block: blockNumber, epoch, hash, rows: validators.length },
        `inbox ${address} on chain ${chainId}, block ${blockNumber}, begins with epoch ${epoch} and ${validators.length} validators`,
      );
    });
  });
};

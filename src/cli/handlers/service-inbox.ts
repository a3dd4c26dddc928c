import { chainTime, readChain } from "../../chain/read.ts";
import { deployServiceInbox } from "../../chain/service-inbox.ts";
import { toHex } from "../../core/bytes.ts";
import { epochAt, openService } from "../../staking/service-home.ts";
import { tableFromHistory } from "../../staking/table-history.ts";
import { parseCount, parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withServiceChain } from "../service-chain.ts";
import { serviceNamed } from "../services.ts";
import { withSigningSession } from "../session.ts";
import { optionalTextOf, textOf } from "../values.ts";

const MAX_SECONDS = 10 ** 9;

/** Creates an inbox of a service on another chain. */
export const inbox: Handler = async (context, values) => {
  const age = optionalTextOf(values, "maxAge");
  const named = age === undefined ? undefined : BigInt(parseCount(age, "--max-age", MAX_SECONDS));
  const epochText = optionalTextOf(values, "epoch");
  await withSigningSession(context, async ({ contracts, provider, wallet }) => {
    const home = await openService(contracts, Number(await serviceNamed(contracts, textOf(values, "service"))));
    const epoch = epochText === undefined ? epochAt(home, await chainTime(provider)) : parseId(epochText, "--epoch");
    const { table, hash, validators } = await tableFromHistory(home, epoch);
    await withServiceChain(values, async (serviceProvider) => {
      const { address, blockNumber } = await deployServiceInbox(wallet.connect(serviceProvider), {
        homeChainId: home.domain.chainId,
        homeRegistry: home.domain.verifyingContract,
        serviceId: home.serviceId,
        epochSeconds: home.epochSeconds,
        maxAgeSeconds: named ?? home.delaySeconds / 2n,
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

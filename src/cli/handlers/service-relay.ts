import { TxSender } from "../../chain/tx-sender.ts";
import { registeredUrls } from "../../worker/header-votes.ts";
import { ensureInboxOf, type RelayEvent, relayOnce, relaySets } from "../../worker/set-relayer.ts";
import type { Handler } from "../command.ts";
import { openNamedService, withInbox } from "../service-chain.ts";
import { withSigningSession } from "../session.ts";
import { POLL_MS, withStatus, workerLogger } from "../worker-process.ts";

/** Relays validator sets until it is asked to stop, or once. */
export const relay: Handler = async (context, values) => {
  await withSigningSession(context, async ({ contracts, sender, wallet }) => {
    const home = await openNamedService(contracts, values);
    await withInbox(values, async (remote) => {
      const options = {
        home,
        remote,
        homeSender: sender,
        remoteSender: await TxSender.create(wallet.connect(remote.provider)),
        urls: registeredUrls(home),
        pollMs: POLL_MS,
        logger: workerLogger("set-relayer", context),
        signal: context.signal,
        onEvent: (event: RelayEvent) => {
          context.result(event, eventText(event));
        },
      };
      if (values["once"] !== true) return withStatus(context, () => relaySets(options));
      await ensureInboxOf(home, remote);
      const isCurrent = await relayOnce(options);
      context.result(
        { event: "ended", isCurrent },
        isCurrent ? "the inbox is current" : "too few signed, or it is too early",
      );
    });
  });
};

function eventText(event: RelayEvent): string {
  switch (event.event) {
    case "built":
      return `built the table of epoch ${event.epoch}: ${event.rows} validators, at ${event.table}`;
    case "advanced":
      return `advanced the inbox to epoch ${event.epoch}, signed by the set of epoch ${event.signersEpoch} but for ${event.absent}`;
  }
}

import { ensureInput } from "../../core/errors.ts";
import { LmdbStore } from "../../db/lmdb-store.ts";
import { startEquivocationWatcher } from "../../worker/equivocation-watcher.ts";
import type { FollowedChain } from "../../worker/inbox-follower.ts";
import { parseAddress, parseCount, parsePort } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { openNamedService, withInbox } from "../service-chain.ts";
import { withSigningSession } from "../session.ts";
import { textOf, textsOf } from "../values.ts";
import { POLL_MS, serveUntilStopped, workerLogger } from "../worker-process.ts";

/** Runs a watcher of votes until it is asked to stop. */
export const watch: Handler = async (context, values) => {
  const port = parsePort(textOf(values, "port"));
  const consumers = textsOf(values, "consumer").map(parseAddress);
  const fromBlock = parseCount(textOf(values, "serviceSince"), "--service-since", Number.MAX_SAFE_INTEGER);
  const hasInbox = values["inbox"] !== undefined;
  ensureInput(
    hasInbox || (consumers.length === 0 && values["serviceRpc"] === undefined),
    "CLI_OPTION_MISSING",
    "--service-rpc and --consumer go with --inbox",
  );
  await withSigningSession(context, async ({ contracts, sender }) => {
    const home = await openNamedService(contracts, values);
    const run = async (remote?: FollowedChain): Promise<void> => {
      const store = new LmdbStore(textOf(values, "data"));
      try {
        const running = await startEquivocationWatcher({
          home,
          sender,
          store,
          ...(remote ? { remote } : {}),
          host: textOf(values, "host"),
          port,
          pollMs: POLL_MS,
          logger: workerLogger("equivocation-watcher", context),
        });
        await serveUntilStopped(context, running);
      } finally {
        await store.close();
      }
    };
    if (hasInbox) await withInbox(values, (remote) => run({ ...remote, consumers, fromBlock }));
    else await run();
  });
};

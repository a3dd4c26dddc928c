import type { Contracts } from "../../chain/contracts.ts";
import { type History, findEvents } from "../../chain/event-search.ts";
import { eventOf } from "../../chain/events.ts";
import { chainTime, readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import type { Hex } from "../../core/bytes.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { poseidonTwin } from "../../proofs/poseidon-twin.ts";

/** What became of the false twins that were claimed for a file. */
export interface RefutedTwins {
  /** Refuted now. */
  readonly twinIds: readonly Hex[];
  readonly rewardWei: bigint;
  /** False, but their window is over: they count. */
  readonly late: readonly Hex[];
}

/**
 * Refutes every false twin of a file that is still in its window; half of each bond goes to the sender.
 * @throws GlassboxError `PROOFS_TWIN_LENGTH`, `CHAIN_SEARCH_TOO_LONG`, and kind `revert` if somebody was first.
 */
export async function refuteTwins(
  { TwinRegistry }: Contracts,
  history: History,
  sender: TxSender,
  file: Uint8Array,
): Promise<RefutedTwins> {
  const root = fileRoot(file);
  const actual = poseidonTwin(file);
  const claimed = await findEvents(TwinRegistry, history, "TwinRegistered", [null, root]);
  const now = await chainTime(sender.provider);
  const twinIds: Hex[] = [];
  const late: Hex[] = [];
  let rewardWei = 0n;
  for (const { twinId, poseidonRoot, leaves } of claimed) {
    if (poseidonRoot === actual) continue;
    const twin = { fileRoot: root, leaves, poseidonRoot };
    const { refuted, finalAt } = await readChain(TwinRegistry.stateOf(twin));
    if (refuted) continue;
    if (finalAt <= now) {
      late.push(twinId as Hex);
      continue;
    }
    const receipt = await sender.send(TwinRegistry.refute.populateTransaction(twin, file));
    twinIds.push(twinId as Hex);
    rewardWei += eventOf(receipt, TwinRegistry, "TwinRefuted").rewardWei;
  }
  return { twinIds, rewardWei, late };
}

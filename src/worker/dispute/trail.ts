import { AbiCoder, keccak256, type ParamType } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import type { GameWord } from "../../compute/dispute/transcript.ts";
import { fromHex, toHex, type Hex } from "../../core/bytes.ts";
import { fileRoot } from "../../crypto/file-tree.ts";
import { hashPair, HASH_BYTES } from "../../crypto/keccak.ts";
import type { ChainExecution } from "./chain-execution.ts";

/** What a game's way down has fixed, as moves name it; see `IDisputeGame`. */
export interface Trail {
  /** The hash of it all. */
  readonly hash: Hex;
  readonly detailRoot: Hex;
  readonly recordRoot: Hex;
  readonly tensorRoot: Hex;
}

const NONE: Hex = `0x${"00".repeat(HASH_BYTES)}`;

/** The trail of a game about an execution, from what was said after the accusation. */
export function trailOf(
  { DisputeGame }: Pick<Contracts, "DisputeGame">,
  execution: ChainExecution,
  words: readonly GameWord[],
): Trail {
  const [, type] = DisputeGame.interface.getFunction("postDetail").inputs;
  let hash = keccak256(AbiCoder.defaultAbiCoder().encode([type as ParamType], [execution])) as Hex;
  let [detailRoot, recordRoot, tensorRoot] = [NONE, NONE, NONE];
  let record: Hex = "0x";
  for (const word of words) {
    if (word.event === "detail") {
      detailRoot = word.root;
      hash = extended(hash, detailRoot);
    } else if (word.event === "record") {
      record = word.roots;
      recordRoot = fileRoot(fromHex(record));
    } else if (word.event === "operation") {
      const start = 2 + 2 * HASH_BYTES * word.operation;
      tensorRoot = `0x${record.slice(start, start + 2 * HASH_BYTES)}`;
      hash = extended(extended(hash, recordRoot), tensorRoot);
    }
  }
  return { hash, detailRoot, recordRoot, tensorRoot };
}

function extended(trail: Hex, root: Hex): Hex {
  return toHex(hashPair(fromHex(trail, HASH_BYTES), fromHex(root, HASH_BYTES)));
}

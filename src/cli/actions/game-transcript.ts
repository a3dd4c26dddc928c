import { type Provider, type Result, toBeHex } from "ethers";

import type { Contracts } from "../../chain/contracts.ts";
import { readLogs } from "../../chain/logs.ts";
import { readChain } from "../../chain/read.ts";
import { CLAIM_FILES } from "../../compute/dispute/claimed-file.ts";
import { SECTIONS } from "../../compute/program.ts";

/** One thing that was said in a game, in the order in which it was said. */
export interface SaidInGame {
  readonly event: string;
  readonly text: string;
  readonly block: number;
  readonly transaction: string;
}

/** What each event of a game says, in words. */
const WORDS: Readonly<Record<string, (said: (name: string) => string, args: Result) => string>> = {
  GameOpened: (said) => `${said("challenger")} challenges ${said("author")}`,
  Accused: (_said, args) => `the challenger accuses ${executionText(args.getValue("execution") as Result)}`,
  LeafDemanded: (said) => `the challenger demands leaf ${said("leafIndex")} of the ${fileName(said("file"))}`,
  LeafShown: (said) => `the author shows leaf ${said("leafIndex")} of the ${fileName(said("file"))}`,
  DetailPosted: (said) => `the author posts the detail root ${said("detailRoot")}`,
  NodesOpened: (_said, args) => `the author opens ${(args.getValue("children") as Result).length} nodes`,
  NodePicked: (said) => `the challenger picks node ${said("index")}`,
  RecordOpened: () => "the author opens the record of the step",
  OperationPicked: (said) => `the challenger picks operation ${said("operation")}`,
  LeavesOpened: (said) => `the author opens leaves of ${(said("leaves").length - 2) / 2} bytes in all`,
  GameWon: (said) => `won by the challenger ${said("challenger")}`,
  GameLost: (said) => `won by the author ${said("author")}`,
  GameVoided: () => "void: the claim has lost another game",
  GameSettled: () => "carried out",
};

/** Everything that was said in a game. */
export async function gameTranscript(
  { DisputeGame }: Pick<Contracts, "DisputeGame">,
  { provider, fromBlock }: { readonly provider: Provider; readonly fromBlock: number },
  gameId: bigint,
): Promise<SaidInGame[]> {
  const query = { address: await DisputeGame.getAddress(), topics: [null, toBeHex(gameId, 32)] };
  const logs = await readLogs(provider, query, fromBlock, await readChain(provider.getBlockNumber()));
  return logs.flatMap((log) => {
    const parsed = DisputeGame.interface.parseLog(log);
    const words = parsed && WORDS[parsed.name];
    if (!parsed || !words) return [];
    const text = words((name) => String(parsed.args.getValue(name)), parsed.args);
    return { event: parsed.name, text, block: log.blockNumber, transaction: log.transactionHash };
  });
}

function executionText(execution: Result): string {
  const section = SECTIONS[Number(execution.getValue("section"))] ?? "unknown";
  return section === "step"
    ? `the part that begins at sample ${String(execution.getValue("position"))}`
    : `the ${section}`;
}

function fileName(file: unknown): string {
  return `${CLAIM_FILES[Number(file)] ?? "unknown"} file`;
}

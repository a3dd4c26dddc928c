import type { Charge } from "../../compute/dispute/charge.ts";
import { firstCharge } from "../../compute/dispute/charge.ts";
import type { ClaimedFile } from "../../compute/dispute/claimed-file.ts";
import { fileLevels, KnownTree } from "../../compute/dispute/known-tree.ts";
import { fileRoot, leafAt } from "../../crypto/file-tree.ts";
import { HASH_BYTES } from "../../crypto/keccak.ts";
import { toHex } from "../../core/bytes.ts";
import { encodeAccounts } from "../../models/accounts.ts";
import type { ClaimFacts, RecomputedClaim } from "../job-auditor.ts";
import type { ClaimFiles } from "./claim-files.ts";

/** What is wrong with a claim, and the author's trace to show it by. */
export interface Doubt {
  readonly charge: Charge | undefined;
  readonly trace: ClaimedFile;
}

/**
 * Compares a claim with what was computed instead.
 * @throws LeafNeeded if the claim's author has to show a leaf first.
 */
export async function doubtOf(
  { outputs }: Pick<ClaimFacts, "outputs">,
  recomputed: RecomputedClaim,
  files: ClaimFiles,
  signal: AbortSignal,
): Promise<Doubt> {
  const { job, starts, roundsFile, joined, unbacked, finalWeights } = recomputed;
  const trace = await files.claimed("trace", recomputed.files.trace, signal);
  const datasetAccounts = encodeAccounts(job.datasetAccounts);
  const { allocation } = recomputed.files;
  const firstPlace = job.datasetAccounts.length + 1;
  const charge = firstCharge({
    rounds: job.rounds,
    parts: job.program.parts,
    trace,
    isFinal: outputs.weightsRoot === fileRoot(finalWeights),
    unbacked,
    operatorPlaces: [firstPlace, firstPlace + joined.length],
    credits: await files.claimed("credits", recomputed.files.credits, signal),
    accounts: await files.claimed("accounts", encodeAccounts([...job.datasetAccounts, job.opener, ...joined]), signal),
    datasetAccounts: await files.claimed("datasetAccounts", datasetAccounts, signal),
    datasetAccountCount: job.datasetAccounts.length,
    roundsFile: await files.claimed("rounds", roundsFile && withStarts(roundsFile, starts), signal),
    weightsBytes: finalWeights.length,
    weightsLeaf: (round, leaf) => {
      const weights = starts[round] as Uint8Array;
      const levels = fileLevels(weights);
      const tree = new KnownTree((levels[0]?.length ?? 0) / HASH_BYTES, levels);
      return { leaf: toHex(leafAt(weights, leaf)), siblings: tree.siblings(0, leaf) };
    },
    isAllocated: allocation === undefined || outputs.allocationRoot === fileRoot(allocation),
  });
  return { charge, trace };
}

/** The rounds file as it must be, with the entries that its author made. */
function withStarts(roundsFile: Uint8Array, starts: readonly Uint8Array[]): Uint8Array {
  const file = roundsFile.slice();
  starts.forEach((start, round) => {
    file.set(start, round * start.length);
  });
  return file;
}

import { EthersChainReader } from "../../verifier/ethers-chain-reader.ts";
import { reportText } from "../../verifier/report-text.ts";
import type { Report } from "../../verifier/report.ts";
import { snarkProofChecker } from "../../verifier/snark-proof-checker.ts";
import { storageFileReader } from "../../verifier/storage-file-reader.ts";
import { verifyModel } from "../../verifier/verify-model.ts";
import type { Network } from "../network/network.ts";
import { openDownloader } from "../storage-access.ts";
import type { Stage } from "./stage.ts";

/** Re-checks a version from chain and storage, and tells the whole report. */
export async function verifyVersion(
  stage: Stage,
  { contracts, book, chain }: Network,
  versionId: bigint,
  cacheDir: string,
): Promise<Report["verdict"]> {
  const report = await verifyModel({
    versionId,
    chain: new EthersChainReader(book, chain.provider),
    files: storageFileReader(await openDownloader(contracts, {})),
    proofs: snarkProofChecker(cacheDir),
    signal: stage.signal,
  });
  for (const line of reportText(report).split("\n")) stage.tell(line);
  return report.verdict;
}

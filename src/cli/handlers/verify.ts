import { ensureCheck } from "../../core/errors.ts";
import { readModelFolder } from "../../models/model-folder.ts";
import { parsePublicReceipt } from "../../models/public-receipt.ts";
import { EthersChainReader } from "../../verifier/ethers-chain-reader.ts";
import { reportText } from "../../verifier/report-text.ts";
import type { Report } from "../../verifier/report.ts";
import { snarkProofChecker } from "../../verifier/snark-proof-checker.ts";
import { storageFileReader } from "../../verifier/storage-file-reader.ts";
import { verifyModel, type VerifyStage } from "../../verifier/verify-model.ts";
import { verifyReceipt } from "../../verifier/verify-receipt.ts";
import { parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import type { Context } from "../context.ts";
import { parseJson, readInput } from "../input-file.ts";
import { withSession } from "../session.ts";
import { openDownloader } from "../storage-access.ts";
import { optionalTextOf, textOf } from "../values.ts";

/** Re-checks a model version from chain and storage. Ends with exit code 5, after the report, if an edge fails. */
export const model: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSession(context, async ({ contracts, provider, book }) => {
    const downloader = await openDownloader(contracts, values);
    const report = await verifyModel({
      versionId,
      chain: new EthersChainReader(book, provider),
      files: storageFileReader(downloader),
      proofs: snarkProofChecker(context.settings.cacheDir.value),
      signal: context.signal,
      onProgress: tenths(context),
    });
    show(context, report);
  });
};

/** Re-checks a public answer from its receipt. Ends with exit code 5, after the report, if an edge fails. */
export const receipt: Handler = async (context, values) => {
  const file = textOf(values, "receipt");
  const parsed = parsePublicReceipt(parseJson(file, await readInput(file)));
  const folder = optionalTextOf(values, "model");
  const known = folder === undefined ? undefined : await readModelFolder(folder);
  await withSession(context, async ({ provider, book }) => {
    const chain = new EthersChainReader(book, provider);
    const report = await verifyReceipt({ receipt: parsed, chain, model: known });
    show(
      context,
      report,
      known === undefined ? "\nthe answer itself was not repeated: --model names the folder of its model" : "",
    );
  });
};

function show(context: Context, report: Report, remark = ""): void {
  context.result(report, `${reportText(report)}${remark}`);
  const { failed, skipped } = report;
  ensureCheck(report.verdict === "pass", "VERIFIER_FAILED", `${report.subject} does not hold`, {
    details: { failed, skipped },
  });
}

/** A line of progress for each new tenth of a stage. */
function tenths(context: Context): (stage: VerifyStage, done: number, total: number) => void {
  let last = "";
  return (stage, done, total) => {
    const percent = total === 0 ? 0 : Math.floor((10 * done) / total) * 10;
    const line = percent === 0 ? `checking ${stage}` : `checking ${stage}: ${percent} %`;
    if (line !== last) context.progress(line);
    last = line;
  };
}

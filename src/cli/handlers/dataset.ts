import { readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { DATASET_FILES } from "../../models/dataset-files.ts";
import { publishMnist } from "../actions/publish-dataset.ts";
import { parseCount, parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSession, withSigningSession } from "../session.ts";
import { openStorage } from "../storage-access.ts";
import { formatTime } from "../times.ts";
import { textOf } from "../values.ts";

/** The largest power of two that MNIST's 60,000 training images hold. */
const MAX_SAMPLES = 32_768;

/** Builds, stores and registers the development dataset. */
export const publish: Handler = async (context, values) => {
  const source = textOf(values, "source");
  ensureInput(source === "mnist", "CLI_SOURCE_UNKNOWN", `no source of samples is named ${source}`, {
    hint: "the one source is mnist",
  });
  const samples = parseCount(textOf(values, "samples"), "--samples", MAX_SAMPLES);
  const isPowerOfTwo = samples > 0 && (samples & (samples - 1)) === 0;
  ensureInput(isPowerOfTwo, "CLI_SAMPLES_INVALID", `--samples takes a power of two, got ${samples}`);
  await withSigningSession(context, async ({ contracts, sender, book }) => {
    const published = await publishMnist(contracts, sender, await openStorage(contracts, sender, values), {
      samples,
      chainId: book.chainId,
      signal: context.signal,
      onFile: (name, bytes) => {
        context.progress(`stored ${name}, ${bytes} bytes`);
      },
    });
    context.result(published, `dataset ${published.datasetId}: ${published.count} samples with signed labels`);
  });
};

/** Shows a registered dataset. */
export const show: Handler = async (context, values) => {
  const datasetId = parseId(textOf(values, "dataset"), "dataset");
  await withSession(context, async ({ contracts }) => {
    const dataset = await readChain(contracts.DatasetRegistry.dataset(datasetId));
    const files = DATASET_FILES.map((name, index) => ({
      name,
      submission: dataset.submissions[index],
      root: dataset.roots[index],
    }));
    const { root, publisher, count, accountCount, licenceHash } = dataset;
    const publishedAt = formatTime(dataset.publishedAt);
    context.result(
      { datasetId, root, publisher, publishedAt, samples: count, people: accountCount, licenceHash, files },
      [
        `dataset    ${datasetId}`,
        `root       ${root}`,
        `samples    ${count}, from and labelled by ${accountCount} people`,
        `published  ${publishedAt} by ${publisher}`,
        `licence    keccak256 ${licenceHash}`,
        ...files.map(({ name, submission, root: file }) => `${name.padEnd(10)} ${file}, submission ${submission}`),
      ].join("\n"),
    );
  });
};

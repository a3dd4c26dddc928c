import { readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { writeModelFolder } from "../../models/model-folder.ts";
import { importLande } from "../actions/import-lande.ts";
import { savedModel } from "../actions/saved-model.ts";
import { parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { withSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { textOf } from "../values.ts";

/** Fetches the model of a version. */
export const download: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  const folder = textOf(values, "out");
  await withSession(context, async ({ contracts }) => {
    const { ModelRegistry, JobRegistry } = contracts;
    const version = await readChain(ModelRegistry.version(versionId));
    const [{ params }, name] = await readChain(
      Promise.all([JobRegistry.job(version.jobId), ModelRegistry.modelName(version.modelId)]),
    );
    const files = await openFiles(contracts, values);
    const program = await files.download(Number(params.programSubmission), context.signal);
    const weights = await files.download(Number(version.weightsSubmission), context.signal);
    const described = await writeModelFolder(folder, { name, program, weights, input: "bytes", classes: [] });
    const { value, text } = savedModel(folder, described);
    context.result({ versionId, ...value }, text);
  });
};

/** Turns a network that was trained elsewhere into a model. */
export const importModel: Handler = async (context, values) => {
  const source = textOf(values, "source");
  ensureInput(source === "lande", "CLI_SOURCE_UNKNOWN", `no network is named ${source}`, {
    hint: "the one network is lande",
  });
  const folder = textOf(values, "out");
  const { value, text } = savedModel(folder, await importLande(folder));
  context.result(value, text);
};

import { readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { writeModelFolder } from "../../models/model-folder.ts";
import { modelFiles } from "../../worker/model-files.ts";
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
    const { ModelRegistry } = contracts;
    const { modelId } = await readChain(ModelRegistry.version(versionId));
    const name = await readChain(ModelRegistry.modelName(modelId));
    const files = await modelFiles(contracts, await openFiles(contracts, values), versionId, context.signal);
    const described = await writeModelFolder(folder, { name, ...files, input: "bytes", classes: [] });
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

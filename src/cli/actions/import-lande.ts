import { denseNetwork } from "../../compute/networks/dense-network.ts";
import { encodeProgram } from "../../compute/program-file.ts";
import { encodeWeights } from "../../compute/weights.ts";
import { readLande } from "../../models/lande.ts";
import { writeModelFolder, type ModelDescription } from "../../models/model-folder.ts";

/** Writes the language identification network of the npm package `lande` as a model. */
export async function importLande(folder: string): Promise<ModelDescription> {
  const { languages, network, weights } = await readLande();
  const program = denseNetwork(network);
  return writeModelFolder(folder, {
    name: "lande",
    program: encodeProgram(program),
    weights: encodeWeights(program, weights),
    input: "lande",
    classes: languages,
  });
}

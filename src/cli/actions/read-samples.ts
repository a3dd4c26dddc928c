import { resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

import { readIdxSamples, type Split } from "../../models/idx-samples.ts";
import { readIris } from "../../models/iris.ts";
import type { LabelledSamples } from "../../models/labelled-samples.ts";
import { readMnist } from "../../models/mnist.ts";

/** The samples that `--data` names. */
export async function readSamples(source: string, split: Split): Promise<LabelledSamples> {
  switch (source) {
    case "mnist":
      return readMnist(split);
    case "iris":
      return readIris(split);
    default:
      return readIdxSamples(pathToFileURL(`${resolve(source)}${sep}`), split);
  }
}

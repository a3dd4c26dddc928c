import type { ModelDescription } from "../../models/model-folder.ts";

/** What a command says of a model that it wrote. */
export function savedModel(
  folder: string,
  { programRoot, weightsRoot }: ModelDescription,
): { value: { folder: string; programRoot: string; weightsRoot: string }; text: string } {
  return {
    value: { folder, programRoot, weightsRoot },
    text: `program   ${programRoot}\nweights   ${weightsRoot}\nwritten   to ${folder}`,
  };
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import type { Hex } from "../core/bytes.ts";
import { ensureCheck, GlassboxError } from "../core/errors.ts";
import { hexSchema } from "../core/schemas.ts";
import { fileRoot } from "../crypto/file-tree.ts";

/** A program with its weights, as files in a folder. */
export interface ModelFolder {
  readonly description: ModelDescription;
  readonly program: Uint8Array;
  readonly weights: Uint8Array;
}

/** What the folder says of them. */
export interface ModelDescription {
  readonly name: string;
  readonly programRoot: Hex;
  readonly weightsRoot: Hex;
  /** How a query is made from a user's file: as it is, or from text as lande does. */
  readonly input: "bytes" | "lande";
  /** What the answers 0, 1, ... mean; empty if they mean themselves. */
  readonly classes: readonly string[];
}

/** Characters of a model's name, as `ModelRegistry` limits its bytes. */
export const MAX_NAME_LENGTH = 64;

const FILES = { description: "model.json", program: "program", weights: "weights" } as const;

const descriptionSchema = z.strictObject({
  name: z.string().max(MAX_NAME_LENGTH),
  programRoot: hexSchema(32),
  weightsRoot: hexSchema(32),
  input: z.enum(["bytes", "lande"]),
  classes: z.array(z.string().max(64)).max(65_536),
});

/** Writes a model; the roots are those of the files. */
export async function writeModelFolder(
  folder: string,
  model: Pick<ModelFolder, "program" | "weights"> & Pick<ModelDescription, "name" | "input" | "classes">,
): Promise<ModelDescription> {
  const { name, program, weights, input, classes } = model;
  const description = { name, programRoot: fileRoot(program), weightsRoot: fileRoot(weights), input, classes };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, FILES.program), program);
  await writeFile(join(folder, FILES.weights), weights);
  await writeFile(join(folder, FILES.description), `${JSON.stringify(description, undefined, 2)}\n`);
  return description;
}

/**
 * Reads a model, and checks that its files have the roots that its description names.
 * @throws GlassboxError `MODELS_FOLDER_MISSING`, `MODELS_FOLDER_INVALID`.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const [text, program, weights] = await Promise.all([
    readPart(folder, FILES.description),
    readPart(folder, FILES.program),
    readPart(folder, FILES.weights),
  ]);
  const description = parseDescription(folder, text);
  for (const [name, file, root] of [
    [FILES.program, program, description.programRoot],
    [FILES.weights, weights, description.weightsRoot],
  ] as const) {
    const actual = file.length === 0 ? "no root" : fileRoot(file);
    ensureCheck(
      actual === root,
      "MODELS_FOLDER_INVALID",
      `${join(folder, name)} has ${actual}, the model's is ${root}`,
    );
  }
  return { description, program, weights };
}

function parseDescription(folder: string, text: Uint8Array): ModelDescription {
  try {
    return descriptionSchema.parse(JSON.parse(Buffer.from(text).toString()));
  } catch (cause) {
    const message = `${join(folder, FILES.description)} describes no model`;
    throw new GlassboxError("check", "MODELS_FOLDER_INVALID", message, { cause });
  }
}

async function readPart(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new GlassboxError("usage", "MODELS_FOLDER_MISSING", `can't read ${join(folder, name)}`, {
      cause,
      hint: "`glassbox model train` and `glassbox model import` write such folders",
    });
  }
}

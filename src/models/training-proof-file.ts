import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { GlassboxError } from "../core/errors.ts";
import { hexSchema } from "../core/schemas.ts";

const NAME = "training-proof.json";

const word = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);
const schema = z.strictObject({
  circuit: z.string(),
  seed: hexSchema(32),
  publicInputs: z.array(word).length(3),
  proof: z.array(word).length(8),
});

/** The proof of a training run beside the model that it ended with. */
export type TrainingProofFile = z.infer<typeof schema>;

/** Writes the proof into a model's folder. */
export async function writeTrainingProof(folder: string, proof: TrainingProofFile): Promise<void> {
  const decimal = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
  await writeFile(join(folder, NAME), `${JSON.stringify(proof, decimal, 2)}\n`);
}

/**
 * Reads the proof from a model's folder.
 * @throws GlassboxError `MODELS_PROOF_INVALID`
 */
export async function readTrainingProof(folder: string): Promise<TrainingProofFile> {
  const path = join(folder, NAME);
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new GlassboxError("check", "MODELS_PROOF_INVALID", `${path} holds no proof of a training run`, {
      cause,
      hint: "`glassbox circuits prove-training` writes one",
    });
  }
}

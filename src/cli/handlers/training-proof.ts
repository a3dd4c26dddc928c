import { evaluate } from "../../compute/evaluate.ts";
import { DEFAULT_TRAINING } from "../../compute/networks/mlp.ts";
import { encodeProgram } from "../../compute/program-file.ts";
import { ensureCheck } from "../../core/errors.ts";
import { readIris } from "../../models/iris.ts";
import { readModelFolder, writeModelFolder } from "../../models/model-folder.ts";
import { readTrainingProof, writeTrainingProof } from "../../models/training-proof-file.ts";
import { closeProver } from "../../proofs/prover.ts";
import { IRIS_CIRCUIT, proveIrisTraining, verifyIrisTraining } from "../actions/proven-training.ts";
import { parseSeed } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { keyOptions } from "../key-options.ts";
import { optionalOf, optionalTextOf, textOf } from "../values.ts";

/** Trains Iris, proves the run, and writes model and proof. */
export const prove: Handler = async (context, values) => {
  const folder = textOf(values, "out");
  const circuit = optionalTextOf(values, "circuit") ?? IRIS_CIRCUIT;
  const seed = optionalOf(values, "seed", parseSeed) ?? DEFAULT_TRAINING.seed;
  try {
    const { job, weights, proof, setup } = await proveIrisTraining(circuit, seed, keyOptions(context));
    const program = encodeProgram(job.program);
    const test = readIris("test");
    const named = { name: "iris", input: "bytes", classes: test.meanings } as const;
    const { programRoot, weightsRoot } = await writeModelFolder(folder, { ...named, program, weights });
    await writeTrainingProof(folder, proof);
    const { accuracy, samples } = evaluate(job.program, weights, test);
    context.result(
      {
        folder,
        circuit,
        seed,
        programRoot,
        weightsRoot,
        setup,
        accuracy,
        publicInputs: proof.publicInputs.map(String),
      },
      [
        `proven    ${job.program.stepsPerPart} steps of ${job.program.batch} flowers, set-up ${setup}`,
        `test      ${(100 * accuracy).toFixed(1)} % of ${samples} held-out flowers`,
        `program   ${programRoot}`,
        `weights   ${weightsRoot}`,
        `written   to ${folder}`,
      ].join("\n"),
    );
  } finally {
    closeProver();
  }
};

/** Checks a proof of training against the weights beside it. */
export const verify: Handler = async (context, values) => {
  const folder = textOf(values, "folder");
  const [{ weights, description }, proof] = await Promise.all([readModelFolder(folder), readTrainingProof(folder)]);
  try {
    const isProven = await verifyIrisTraining(proof, weights, keyOptions(context));
    ensureCheck(isProven, "CLI_TRAINING_UNPROVEN", "the proof is not of a run that ends with these weights");
    const { weightsRoot } = description;
    const { circuit, seed } = proof;
    context.result({ folder, circuit, seed, weightsRoot }, `${weightsRoot} is the end of ${circuit} from seed ${seed}`);
  } finally {
    closeProver();
  }
};

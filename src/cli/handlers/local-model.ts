import { writeFile } from "node:fs/promises";
import { basename } from "node:path";

import { evaluate, type Evaluation } from "../../compute/evaluate.ts";
import { DEFAULT_TRAINING } from "../../compute/networks/mlp.ts";
import { encodeProgram } from "../../compute/program-file.ts";
import { isTrainable } from "../../compute/program.ts";
import { openPublicModel } from "../../compute/public-model.ts";
import { loadProgram } from "../../compute/validate.ts";
import { fromHex } from "../../core/bytes.ts";
import { ensureInput } from "../../core/errors.ts";
import { MAX_NAME_LENGTH, readModelFolder, writeModelFolder } from "../../models/model-folder.ts";
import { EthersChainReader } from "../../verifier/ethers-chain-reader.ts";
import { askPublicly } from "../actions/ask-publicly.ts";
import { queryOf } from "../actions/model-query.ts";
import { readProgram } from "../actions/read-program.ts";
import { readSamples } from "../actions/read-samples.ts";
import { savedModel } from "../actions/saved-model.ts";
import { trainModel, type TrainingProgress } from "../actions/train-model.ts";
import { parseCount, parseSeed, parseWorkerUrl } from "../amounts.ts";
import type { Handler, Values } from "../command.ts";
import type { Context } from "../context.ts";
import { readInput } from "../input-file.ts";
import { withSession } from "../session.ts";
import { optionalOf, optionalTextOf, textOf } from "../values.ts";

const DEFAULT_EPOCHS = 10;
const MAX_ROUNDS = 2 ** 20;

/** Trains a program on this machine and writes the model. */
export const train: Handler = async (context, values) => {
  const source = textOf(values, "data");
  const folder = textOf(values, "out");
  const name = optionalTextOf(values, "name") ?? basename(source).slice(0, MAX_NAME_LENGTH);
  ensureInput(
    name.length <= MAX_NAME_LENGTH,
    "CLI_NAME_INVALID",
    `--name takes at most ${MAX_NAME_LENGTH} characters, got ${name.length}`,
  );
  const seed = fromHex(optionalOf(values, "seed", parseSeed) ?? DEFAULT_TRAINING.seed, 32);
  const program = await readProgram(context, textOf(values, "program"), values);
  ensureInput(isTrainable(program), "CLI_PROGRAM_UNTRAINABLE", "the program has no step: it only answers");
  const [samples, test] = await Promise.all([readSamples(source, "train"), readSamples(source, "test")]);
  const perRound = program.parts * program.stepsPerPart * program.batch;
  const rounds =
    optionalOf(values, "rounds", (text) => parseCount(text, "--rounds", MAX_ROUNDS)) ??
    Math.ceil((DEFAULT_EPOCHS * samples.count) / perRound);
  ensureInput(rounds > 0, "CLI_NUMBER_INVALID", "--rounds takes at least 1");
  const trained = await trainModel({
    ...{ program, seed, rounds, train: samples, test, signal: context.signal },
    onProgress: (progress) => {
      context.live(progressText(progress));
    },
  });
  const { weights, stepsPerSecond, evaluation } = trained;
  const model = {
    name,
    program: encodeProgram(program),
    weights,
    input: "bytes",
    classes: samples.meanings ?? [],
  } as const;
  const saved = savedModel(folder, await writeModelFolder(folder, model));
  context.result(
    { ...saved.value, rounds, stepsPerSecond, ...evaluation },
    [
      `trained   ${rounds} rounds, ${stepsPerSecond} steps/s`,
      `test      ${evaluationText(evaluation)}`,
      saved.text,
    ].join("\n"),
  );
};

/** Measures a model on test data. */
export const evaluateModel: Handler = async (context, values) => {
  const { description, program, weights } = await readModelFolder(textOf(values, "model"));
  const data = await readSamples(textOf(values, "data"), "test");
  const evaluation = evaluate(loadProgram(program), weights, data);
  const { name, weightsRoot } = description;
  context.result({ name, weightsRoot, ...evaluation }, `${name}: ${evaluationText(evaluation)}`);
};

/** Writes one sample of the test data. */
export const sample: Handler = async (context, values) => {
  const file = textOf(values, "out");
  const { count, sampleBytes, samples, labels, meanings } = await readSamples(textOf(values, "data"), "test");
  const index = parseCount(textOf(values, "index"), "--index", count - 1);
  await writeFile(file, samples.subarray(index * sampleBytes, (index + 1) * sampleBytes));
  const label = labels[index] ?? 0;
  const meaning = meanings?.[label] ?? null;
  context.result(
    { file, index, bytes: sampleBytes, label, meaning },
    `sample ${index} of ${count}, ${sampleBytes} bytes with label ${spoken(label, meaning)}, written to ${file}`,
  );
};

/** Answers from a folder: computed here, or asked of a worker that signs its answer and repeated here. */
export async function runFolder(context: Context, folder: string, values: Values): Promise<void> {
  const url = optionalOf(values, "worker", parseWorkerUrl);
  const receiptFile = optionalTextOf(values, "receipt");
  ensureInput(
    url !== undefined || receiptFile === undefined,
    "CLI_OPTION_UNUSED",
    "--receipt goes with --worker: what is computed here is not signed",
  );
  const files = await readModelFolder(folder);
  const { description } = files;
  const query = await queryOf(description, await readInput(textOf(values, "input")));
  const computed = openPublicModel(files).answer(query);
  const { name, classes, programRoot, weightsRoot } = description;
  const meaning = classes[computed.answer] ?? null;
  const said = spoken(computed.answer, meaning);
  const result = { answer: computed.answer, meaning, programRoot, weightsRoot };
  if (url === undefined) {
    context.result(result, `${said}, computed here by the model ${name}`);
    return;
  }
  await withSession(context, async ({ provider, book }) => {
    const chain = new EthersChainReader(book, provider);
    const question = { programRoot, weightsRoot, query };
    const receipt = await askPublicly(url, question, { chain, files, receiptFile, signal: context.signal });
    const { operator, signature } = receipt;
    context.result({ ...result, operator, signature }, `${said}, signed by ${operator} and recomputed here`);
  });
}

function spoken(label: number, meaning: string | null): string {
  return meaning === null ? String(label) : `${meaning} (${label})`;
}

function progressText({ round, rounds, stepsPerSecond, evaluation }: TrainingProgress): string {
  return `round ${round} of ${rounds}: ${evaluationText(evaluation)}, ${stepsPerSecond} steps/s`;
}

function evaluationText({ samples, accuracy, loss }: Evaluation): string {
  const percent = `${(100 * accuracy).toFixed(2)} % of ${samples} right`;
  return loss === undefined ? percent : `loss ${loss.toFixed(4)}, ${percent}`;
}

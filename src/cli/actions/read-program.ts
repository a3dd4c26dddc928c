import {
  ARCHITECTURE_FORMS,
  architectureProgram,
  isArchitecture,
  RECIPE_NAMES,
  recipeProgram,
} from "../../compute/networks/architecture.ts";
import type { Program } from "../../compute/program.ts";
import { loadProgram } from "../../compute/validate.ts";
import { ensureInput } from "../../core/errors.ts";
import { jobProgramFile } from "../../worker/model-files.ts";
import { parseCount, parseId } from "../amounts.ts";
import type { Values } from "../command.ts";
import type { Context } from "../context.ts";
import { readInput } from "../input-file.ts";
import { withSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { optionalOf, optionalTextOf } from "../values.ts";

const JOB = /^job:(\d+)$/;
const MAX_COUNT = 2 ** 20;
const FORMS = `a program is a file, job:<number>, ${[...RECIPE_NAMES, ...ARCHITECTURE_FORMS].join(", ")} or the like`;

/**
 * The program that an argument names: an architecture, a recipe, `job:` and a job's number, or a file.
 * @throws GlassboxError `CLI_OPTION_UNUSED` for settings of an architecture beside another program, or what reading it throws.
 */
export async function readProgram(context: Context, name: string, values: Values): Promise<Program> {
  const settings = architectureSettings(values);
  if (isArchitecture(name)) {
    return architectureProgram(name, { parts: 1, batch: 128, stepsPerPart: 64, rate: 0.5, ...settings });
  }
  const [unused] = Object.keys(settings);
  ensureInput(
    unused === undefined,
    "CLI_OPTION_UNUSED",
    `${name} is no architecture: it says itself how it is trained`,
  );
  const recipe = recipeProgram(name);
  if (recipe !== undefined) return recipe;
  const [, job] = JOB.exec(name) ?? [];
  return loadProgram(job === undefined ? await readInput(name, FORMS) : await programOfJob(context, job, values));
}

/**
 * The program that `--program` names, if there is one.
 * @throws GlassboxError as `readProgram`, and for settings of an architecture without one.
 */
export async function readProgramOption(context: Context, values: Values): Promise<Program | undefined> {
  const name = optionalTextOf(values, "program");
  if (name !== undefined) return readProgram(context, name, values);
  const [unused] = Object.keys(architectureSettings(values));
  ensureInput(
    unused === undefined,
    "CLI_OPTION_UNUSED",
    "--parts, --batch, --steps and --rate go with an architecture as --program",
  );
  return undefined;
}

function architectureSettings(values: Values) {
  const count = (name: string): number | undefined =>
    optionalOf(values, name, (text) => parseCount(text, `--${name}`, MAX_COUNT));
  const [parts, batch, stepsPerPart] = [count("parts"), count("batch"), count("steps")];
  const rate = optionalOf(values, "rate", parseRate);
  return {
    ...(parts !== undefined && { parts }),
    ...(batch !== undefined && { batch }),
    ...(stepsPerPart !== undefined && { stepsPerPart }),
    ...(rate !== undefined && { rate }),
  };
}

function parseRate(text: string): number {
  const rate = Number(text);
  const isRate = /^\d*\.?\d+$/.test(text) && rate > 0 && rate <= 1_000;
  ensureInput(isRate, "CLI_RATE_INVALID", `--rate takes a number above 0 and at most 1000, got ${text}`);
  return rate;
}

async function programOfJob(context: Context, job: string, values: Values): Promise<Uint8Array> {
  let file: Uint8Array = new Uint8Array();
  await withSession(context, async ({ contracts }) => {
    const files = await openFiles(contracts, values);
    file = await jobProgramFile(contracts, files, parseId(job, "job"), context.signal);
  });
  return file;
}

import { chainError, isChainFailure } from "../chain/revert.ts";
import { GlassboxError } from "../core/errors.ts";
import { showDate } from "./times.ts";

/** What the contracts' errors call unknown, as users call it. */
const THINGS: Readonly<Record<string, string>> = {
  DatasetRegistryUnknown: "dataset",
  FlowUnknownSubmission: "submission",
  JobRegistryUnknown: "job",
  ModelRegistryUnknownVersion: "model version",
  ServiceRegistryUnknownGroup: "group of services",
  ServiceRegistryUnknownService: "service",
};

/** What to do about a refusal, by the contracts' error and its first argument. */
const HINTS: Readonly<Record<string, (argument: string) => string>> = {
  ServiceRegistryChangePending: (effectAt) =>
    `one change at a time: the last one takes effect at ${showDate(BigInt(effectAt))}`,
};

/**
 * Tells what the chain refused in the words of who typed the command. Whatever the user named and the chain does not have is a usage
 * error, be it read or written to, and whoever noticed.
 * @returns `CLI_NOT_FOUND` for what is not there, other refusals perhaps with a hint, any other error as it is.
 */
export function inUsersWords(error: unknown): unknown {
  if (!isChainFailure(error) && !(error instanceof GlassboxError)) return error;
  const refusal = chainError(error);
  const { kind, code, message, details } = refusal;
  const { error: name, arguments: values } = details as { readonly error?: string; readonly arguments?: string[] };
  if (kind !== "revert" || typeof name !== "string") return refusal;
  const argument = values?.[0] ?? "";
  const thing = THINGS[name];
  if (thing !== undefined)
    return new GlassboxError("usage", "CLI_NOT_FOUND", `there is no ${thing} ${argument}`, { cause: error, details });
  const hint = HINTS[name]?.(argument);
  return hint === undefined ? refusal : new GlassboxError(kind, code, message, { cause: error, details, hint });
}

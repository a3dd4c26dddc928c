import { chainError, isChainFailure } from "../chain/revert.ts";
import { jobState } from "../compute/job-state.ts";
import { GlassboxError } from "../core/errors.ts";
import { DATASET_FILES } from "../models/dataset-files.ts";
import { showPart, showTokens } from "./amounts.ts";
import { showDate } from "./times.ts";

/** What the contracts' errors call unknown, as users call it. */
const THINGS: Readonly<Record<string, string>> = {
  DatasetRegistryUnknown: "dataset",
  DisputeGameUnknown: "dispute game",
  FlowUnknownSubmission: "submission",
  JobRegistryUnknown: "job",
  ModelRegistryUnknownVersion: "model version",
  ProgramRegistryUnknown: "registered program",
  ServiceRegistryUnknownGroup: "group of services",
  ServiceRegistryUnknownService: "service",
};

const REGISTER_FIRST = "`glassbox operator register` makes the signing account an operator";
const UPDATE_INSTEAD = "`glassbox operator update` and `glassbox operator keys` change what is registered";
const NEXT_KEY = "a key is accepted once: `glassbox operator keys --bls` takes the next number";
const EXPOSURE = "`glassbox operator exposure` shows the services that an operator has joined, and the shares";

/** What to do about a refusal, by the contracts' error and its arguments. */
const HINTS: Readonly<Record<string, (...values: string[]) => string>> = {
  DisputeGameTurnRunning: (_game, until = "0") => `the turn lasts until ${showDate(BigInt(until))}`,
  ERC20InsufficientBalance: (account, balanceWei = "0", neededWei = "0") =>
    `${account} has ${showTokens(BigInt(balanceWei))}, and needs ${showTokens(BigInt(neededWei))}`,
  JobRegistryDatasetLength: (file = "0", actual, expected) =>
    `the dataset's ${DATASET_FILES[Number(file)] ?? "file"} have ${actual} bytes, the program reads ${expected}: is it made for these samples?`,
  JobRegistryDeadlinePassed: (_job, deadline = "0") => `it passed at ${showDate(BigInt(deadline))}`,
  JobRegistryGamesOpen: (job) => `\`glassbox compute dispute list --job ${job}\` shows what is not decided yet`,
  JobRegistryNotMember: () => "`glassbox operator join compute` joins the service",
  JobRegistryNotModelHolder: (_model, _caller, holder) => `only ${holder}, who holds the model's token, opens its jobs`,
  JobRegistryWindowOpen: (_job, until = "0") => `the claim's window is open until ${showDate(BigInt(until))}`,
  JobRegistryWrongStatus: (_job, actual = "0", expected = "0") =>
    `the job is ${jobState({ status: BigInt(actual) })}, this takes one that is ${jobState({ status: BigInt(expected) })}`,
  OperatorRegistryAlreadyRegistered: () => UPDATE_INSTEAD,
  OperatorRegistryBlsKeyTaken: () => NEXT_KEY,
  OperatorRegistryNotOperator: () => REGISTER_FIRST,
  OperatorRegistrySignerTaken: () => "a signer belongs to its first operator for ever: take another one",
  ServiceRegistryChangePending: (effectAt = "0") =>
    `one change at a time: the last one takes effect at ${showDate(BigInt(effectAt))}`,
  ServiceRegistryMagnitudeExceeded: (sumWad = "0", totalWad = "0") =>
    `all shares together would be ${showPart(BigInt(sumWad), BigInt(totalWad))} of the stake; ${EXPOSURE}`,
  ServiceRegistryNotMember: () => EXPOSURE,
  ServiceRegistryNotOperator: () => REGISTER_FIRST,
  ServiceRegistrySeatHeld: (_service, _seat, holder, heldWei = "0", ownWei = "0") =>
    `${holder} has ${showTokens(BigInt(heldWei))} at risk there, you have ${showTokens(BigInt(ownWei))}: name another seat`,
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
  const hint = HINTS[name]?.(...(values ?? []));
  return hint === undefined ? refusal : new GlassboxError(kind, code, message, { cause: error, details, hint });
}

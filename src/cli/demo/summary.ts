import { formatTokens } from "../amounts.ts";
import type { StepCost } from "./stage.ts";

/** The line that `glassbox demo --json` prints. Amounts are decimal strings of base units. */
export interface DemoJson {
  readonly accuracy: number;
  readonly samples: number;
  readonly storageWorkers: number;
  readonly computeWorkers: number;
  readonly inferencesProven: number;
  /** Operators that were slashed. */
  readonly slashed: number;
  readonly slashedWei: string;
  /** Where it went; bounties are paid to who reported. */
  readonly burntWei: string;
  readonly bountyWei: string;
  /** The false claim: its author's bond and stake, and the game that refuted it. */
  readonly dispute: {
    readonly author: string;
    readonly moves: number;
    readonly gas: string;
    readonly bondWei: string;
    /** Where the bond went. */
    readonly bondBurntWei: string;
    readonly bondWonWei: string;
    readonly slashedWei: string;
  };
  /** What the shares received, and what their holders took. */
  readonly revenueWei: string;
  readonly claimedWei: string;
  /** What the consumer paid, and what the worker earned. */
  readonly spentWei: string;
  readonly workerWei: string;
  readonly verify: "pass" | "fail";
  readonly gas: string;
  readonly seconds: number;
}

/** The outcome of the demo. */
export interface DemoSummary {
  readonly json: DemoJson;
  readonly holders: number;
}

/** The summary for people: cost of each step, and where the money went. */
export function summaryText({ json, holders }: DemoSummary, costs: readonly StepCost[]): string {
  const width = Math.max(...costs.map(({ step }) => step.length));
  const steps = costs.map(
    ({ step, seconds, gas }) =>
      `${step.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s ${String(gas).padStart(12)} gas`,
  );
  const { dispute } = json;
  const dustWei = BigInt(json.revenueWei) - BigInt(json.claimedWei);
  return [
    "",
    ...steps,
    "",
    `accuracy   ${(json.accuracy * 100).toFixed(2)} % on held-out digits, trained on ${json.samples} samples by ${json.computeWorkers} workers`,
    `money in   ${tokens(json.spentWei)} paid for ${json.inferencesProven} proven answers`,
    `money out  ${tokens(json.workerWei)} to the worker + ${tokens(json.claimedWei)} to ${holders} shareholders + ${dustWei} wei of fractions left behind`,
    `disputed   claim of ${dispute.author}, refuted in ${dispute.moves} moves and ${dispute.gas} gas`,
    `           ${tokens(dispute.bondWei)} of bond lost = ${tokens(dispute.bondBurntWei)} burnt + ${tokens(dispute.bondWonWei)} to the watcher; ${tokens(dispute.slashedWei)} of stake slashed`,
    `slashed    ${tokens(json.slashedWei)} of ${json.slashed} operators = ${tokens(json.burntWei)} burnt + ${tokens(json.bountyWei)} to who reported`,
    `verify     ${json.verify}`,
    `total      ${json.seconds} s, ${json.gas} gas`,
  ].join("\n");
}

function tokens(amountWei: string): string {
  return formatTokens(BigInt(amountWei));
}

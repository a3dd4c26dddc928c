import type { TransactionReceipt } from "ethers";

import { operationsOf } from "../../src/compute/dispute/execution.ts";
import type { Meddling } from "../../src/compute/dispute/detail.ts";
import { DIGITS_MLP } from "../../src/compute/networks/digits.ts";
import { mlp } from "../../src/compute/networks/mlp.ts";
import type { Section } from "../../src/compute/program.ts";
import { makeClaim } from "../../test/support/disputes/author.ts";
import { defend, newestGame, watchClaim } from "../../test/support/disputes/play.ts";
import { setStage, type DisputeStage } from "../../test/support/disputes/stage.ts";
import type { Figure } from "../figure.ts";

/** The size of MNIST's training set. */
const DATASET = { samples: 60_000, inputs: 784, classes: 10, accounts: 1_030 };
/** The step of the lie: in the middle, so that the weights are those of another step. */
const STEP = 5;

/** What one game took. */
interface GameCost {
  readonly transactions: number;
  readonly gas: number;
  readonly lastStepGas: number;
  readonly slashGas: number;
}

/** Plays one full game for each operation of the perceptron for digits, on chain, and gives the greatest figures. */
export async function measureDisputes(): Promise<Figure[]> {
  const program = mlp(DIGITS_MLP.sizes, DIGITS_MLP);
  const stage = await setStage(DATASET);
  const jobId = await stage.openJob(program, 1);
  let start = await stage.snapshot();
  const costs: GameCost[] = [];
  for (const section of ["init", "step", "allocate"] as const) {
    for (const operation of operationsOf(program, section).keys()) {
      await stage.revert(start);
      start = await stage.snapshot();
      costs.push(await playOne(stage, jobId, section, operation, section === "step" ? STEP : 0));
    }
  }
  const greatest = (of: (cost: GameCost) => number): number => Math.max(...costs.map(of));
  return [
    {
      name: "dispute.transactions",
      value: greatest(({ transactions }) => transactions),
      unit: "transactions",
      peer: null,
    },
    { name: "dispute.gas", value: greatest(({ gas }) => gas), unit: "gas", peer: null },
    { name: "dispute.lastStepGas", value: greatest(({ lastStepGas }) => lastStepGas), unit: "gas", peer: null },
    { name: "dispute.slashGas", value: greatest(({ slashGas }) => slashGas), unit: "gas", peer: null },
  ];
}

/** A game about the middle element of what an operation wrote. */
async function playOne(
  stage: DisputeStage,
  jobId: bigint,
  section: Section,
  operation: number,
  step: number,
): Promise<GameCost> {
  const program = mlp(DIGITS_MLP.sizes, DIGITS_MLP);
  const last = {
    operation: operationsOf(program, section).length - 1,
    step: section === "step" ? program.stepsPerPart - 1 : 0,
  };
  const meddling: Meddling = (written) => {
    const { elements } = written;
    const at = elements.length >> 1;
    if (written.operation === operation && written.step === step) flip(elements, at);
    else if (written.operation === last.operation && written.step === last.step) flip(elements, at - 1);
    return undefined;
  };
  const claim = await makeClaim(stage, jobId, { at: { section, round: 0, part: 0 }, meddling });
  const from = await stage.provider.getBlockNumber();
  const rest = defend(stage, claim, { meddling });
  await watchClaim(stage, jobId);
  await rest();
  const game = await newestGame(stage);
  if (game.stage !== "settled" || game.operation !== operation)
    throw new RangeError(`no verdict about ${section} ${operation}`);
  return costOf(stage, from + 1);
}

function flip(elements: Parameters<Meddling>[0]["elements"], at: number): void {
  if (elements instanceof BigInt64Array) elements[at] = (elements[at] as bigint) ^ 1n;
  else elements[at] = (elements[at] as number) ^ 1;
}

/** From the challenge to the verdict; what follows is the payout, then the slash. */
async function costOf({ provider, contracts }: DisputeStage, fromBlock: number): Promise<GameCost> {
  const game = await contracts.DisputeGame.getAddress();
  const slasher = await contracts.Slasher.getAddress();
  const verdict = contracts.DisputeGame.getEvent("GameWon").fragment.topicHash;
  const head = await provider.getBlockNumber();
  const moves: number[] = [];
  let isOver = false;
  let slashGas = 0;
  for (let number = fromBlock; number <= head; number++) {
    const block = await provider.getBlock(number);
    for (const hash of block?.transactions ?? []) {
      const receipt = (await provider.getTransactionReceipt(hash)) as TransactionReceipt;
      if (receipt.to === slasher) slashGas = Number(receipt.gasUsed);
      if (receipt.to !== game || isOver) continue;
      moves.push(Number(receipt.gasUsed));
      isOver = receipt.logs.some(({ topics }) => topics[0] === verdict);
    }
  }
  return {
    transactions: moves.length,
    gas: moves.reduce((sum, gas) => sum + gas, 0),
    lastStepGas: moves.at(-1) ?? 0,
    slashGas,
  };
}

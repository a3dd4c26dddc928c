import { expect } from "chai";

import { denseNetwork } from "../../../../src/compute/networks/dense-network.ts";
import { answerClaim, queryFile } from "../../../../src/compute/claims.ts";
import { Detail, type Meddling } from "../../../../src/compute/dispute/detail.ts";
import { answerExecution, operationsOf } from "../../../../src/compute/dispute/execution.ts";
import { encodeProgram } from "../../../../src/compute/program-file.ts";
import type { Program } from "../../../../src/compute/program.ts";
import { openPublicModel, type PublicModel } from "../../../../src/compute/public-model.ts";
import { encodeWeights } from "../../../../src/compute/weights.ts";
import type { Hex } from "../../../../src/core/bytes.ts";
import { decodeTensor } from "../../../../src/core/tensor.ts";
import { MemoryStore } from "../../../../src/db/memory-store.ts";
import { readLande } from "../../../../src/models/lande.ts";
import type { PublicReceipt } from "../../../../src/models/public-receipt.ts";
import { registerProgram } from "../../../../src/cli/actions/register-program.ts";
import { AnswerInputs } from "../../../../src/worker/answer-inputs.ts";
import { AnswerAuthor } from "../../../../src/worker/dispute/answer-author.ts";
import { challengeAnswer } from "../../../../src/worker/dispute/answer-challenge.ts";
import { PublicAnswers } from "../../../../src/worker/public-answers.ts";
import { SignedJournal } from "../../../../src/worker/signed-journal.ts";
import { INPUTS } from "../../../support/every-operation.ts";
import { ledgerChange, readLedger, type Ledger, type LedgerChange } from "../../../support/disputes/ledger.ts";
import { defend, newestGame, partsOf, until } from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage, type Player } from "../../../support/disputes/stage.ts";

const TEXT = "In welcher Sprache ist dieser Satz geschrieben?";
/** What a false answer costs; the rest of the stake is the bounty. */
const PUNISHED: LedgerChange = {
  workerStake: -TERMS.answerStakeWei,
  challenger: TERMS.answerStakeWei / 20n,
  burnt: (TERMS.answerStakeWei / 20n) * 19n,
};
const half = (wei: bigint): bigint => wei / 2n;
const rest = (wei: bigint): bigint => wei - wei / 2n;

/** Alters one element of one operation, and the answer too, so that it shows. */
function alter(operation: number, last: number, which: number): Meddling {
  return (written) => {
    const elements = written.elements as Int32Array;
    const at = Math.floor(which * (elements.length - 1));
    if (written.operation === operation && operation !== last) elements[at] = elements[at]! ^ 1;
    if (written.operation === last) elements[0] = (elements[0]! + 1) % 50;
    return undefined;
  };
}

describe("disputes over answers of lande", function () {
  this.timeout(600_000);

  let stage: DisputeStage;
  let program: Program;
  let weights: Uint8Array;
  let query: Uint8Array;
  let model: PublicModel;
  let store: MemoryStore;
  let start: string;
  let earlier: Ledger;

  before(async () => {
    const lande = await readLande();
    program = denseNetwork(lande.network);
    weights = encodeWeights(program, lande.weights);
    query = lande.query(TEXT);
    model = openPublicModel({ program: encodeProgram(program), weights });
    expect(lande.languages[model.answer(query).answer]).to.equal("deu");
    stage = await setStage({ samples: 8, inputs: INPUTS, classes: 8, accounts: 8 });
    await registerProgram(stage.contracts, stage.senders.stranger, program);
    start = await stage.snapshot();
  });

  beforeEach(async () => {
    await stage.revert(start);
    start = await stage.snapshot();
    store = new MemoryStore();
    earlier = await readLedger(stage);
  });

  const changes = async (): Promise<LedgerChange> => ledgerChange(earlier, await readLedger(stage));
  const lastOperation = (): number => operationsOf(program, "infer").length - 1;

  /** Asks the worker, which serves its model as it computes it. */
  async function ask(served: PublicModel): Promise<PublicReceipt> {
    const { contracts, senders, keys, provider } = stage;
    const { chainId } = await provider.getNetwork();
    const answers = new PublicAnswers({
      models: [served],
      journal: new SignedJournal(store, keys.worker),
      inputs: new AnswerInputs(store),
      operator: senders.worker.address as Hex,
      domain: { chainId, verifyingContract: (await contracts.JobRegistry.getAddress()) as Hex },
    });
    const { programRoot, weightsRoot } = served;
    return answers.answer({ programRoot, weightsRoot, query });
  }

  /** The model as somebody computes it who meddles with it. */
  async function meddled(meddling: Meddling): Promise<PublicModel> {
    const detail = await Detail.compute(answerExecution(program, weights, queryFile(query)), { meddling });
    const [answer] = decodeTensor({ type: "i32", rows: 1, columns: 1 }, await detail.output());
    return { ...model, answer: (asked) => ({ ...model.answer(asked), answer: Number(answer) }) };
  }

  /** The worker answers in games, with nothing but what its store has: it may serve the model no more. */
  const serve = (meddling?: Meddling): (() => Promise<void>) =>
    defend(
      stage,
      { answers: new AnswerAuthor(new AnswerInputs(store)) },
      { player: "worker", ...(meddling && { meddling }) },
    );

  const challenge = (receipt: PublicReceipt, player: Player = "challenger", meddling?: Meddling): Promise<bigint> => {
    const options = meddling === undefined ? {} : { meddling };
    const { signal } = new AbortController();
    return challengeAnswer(partsOf(stage, player), { receipt, program, weights }, signal, options);
  };

  for (const [operation, name] of ["matmul", "addRow", "requantise", "matmul", "addRow", "argmax"].entries()) {
    for (const [place, which] of [
      ["first", 0],
      ["last", 1],
      ["some", 0.6180339],
    ] as const) {
      it(`a lie costs its signer stake: ${place} element of operation ${operation}, ${name}`, async () => {
        expect(operationsOf(program, "infer")[operation]?.name).to.equal(name);
        const lie = alter(operation, lastOperation(), which);
        const receipt = await ask(await meddled(lie));
        expect(receipt.answer).not.to.equal(model.answer(query).answer);
        const end = serve(lie);
        await challenge(receipt);
        await end();
        const game = await newestGame(stage);
        expect([game.stage, game.subject, game.operation]).to.deep.equal(["settled", "answer", operation]);
        expect(await changes()).to.deep.equal(PUNISHED);
      });
    }
  }

  it("a right answer survives a false challenge, which costs its bond", async () => {
    const receipt = await ask(model);
    const end = serve();
    await challenge(receipt, "rival", alter(2, lastOperation(), 0.5));
    await until(async () => Object.keys(await changes()).includes("worker"));
    await end();
    expect((await newestGame(stage)).stage).to.equal("lost");
    expect(await changes()).to.deep.equal({
      rival: -TERMS.gameBondWei,
      worker: half(TERMS.gameBondWei),
      burnt: rest(TERMS.gameBondWei),
    });
  });

  it("a lie that no computation gives has no answer, and costs stake once, however many find it", async () => {
    const lie = (model.answer(query).answer + 1) % 50;
    const receipt = await ask({ ...model, answer: (asked) => ({ ...model.answer(asked), answer: lie }) });
    const end = serve();
    const playing = [challenge(receipt), challenge(receipt, "rival")];
    await until(async () => (await stage.contracts.DisputeGame.gameCount()) === 2n);
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    await Promise.all(playing);
    await end();
    const { challenger: bountyWei, ...others } = PUNISHED;
    // Whoever of the two is first has the bounty.
    const paid = await changes();
    expect([
      { ...others, challenger: bountyWei },
      { ...others, rival: bountyWei },
    ]).to.deep.include(paid);
    // Another look at the same receipt finds the game, and opens none.
    await challenge(receipt);
    expect(await stage.contracts.DisputeGame.gameCount()).to.equal(2n);
    expect(await changes()).to.deep.equal(paid);
  });

  it("are played on by a challenger that was stopped in the middle", async () => {
    const lie = alter(0, lastOperation(), 0.5);
    const receipt = await ask(await meddled(lie));
    const stop = new AbortController();
    const playing = challengeAnswer(partsOf(stage, "challenger"), { receipt, program, weights }, stop.signal);
    await until(async () => (await stage.contracts.DisputeGame.gameCount()) === 1n);
    stop.abort();
    await playing.catch(() => undefined);
    expect((await newestGame(stage)).turn).to.equal("author");
    const end = serve(lie);
    await challenge(receipt);
    await end();
    expect(await stage.contracts.DisputeGame.gameCount()).to.equal(1n);
    expect(await changes()).to.deep.equal(PUNISHED);
  });

  it("take nothing that the worker has not signed", async () => {
    const receipt = await ask(model);
    const forged = { ...receipt, answer: (receipt.answer + 1) % 50 };
    const refused = await challenge(forged).then(
      () => undefined,
      (error: unknown) => (error as { details: { error?: string } }).details.error,
    );
    expect(refused).to.equal("DisputeGameNotOperator");
    expect(await stage.contracts.DisputeGame.gameCount()).to.equal(0n);
    expect(await changes()).to.deep.equal({});
    expect(answerClaim(forged)).not.to.deep.equal(answerClaim(receipt));
  });
});

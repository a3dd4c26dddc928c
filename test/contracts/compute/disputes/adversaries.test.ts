import { expect } from "chai";

import { operationsOf } from "../../../../src/compute/dispute/execution.ts";
import { Detail, type Meddling } from "../../../../src/compute/dispute/detail.ts";
import { ClaimedFile } from "../../../../src/compute/dispute/claimed-file.ts";
import { partAccusation } from "../../../../src/compute/dispute/charge.ts";
import { headBytes } from "../../../../src/compute/program-file.ts";
import { programRegistration } from "../../../../src/compute/program-registration.ts";
import { fromHex, toHex } from "../../../../src/core/bytes.ts";
import { GlassboxError } from "../../../../src/core/errors.ts";
import type { TxSender } from "../../../../src/chain/tx-sender.ts";
import { eventOf } from "../../../../src/chain/events.ts";
import { fileRoot } from "../../../../src/crypto/file-tree.ts";
import { keccak256 } from "../../../../src/crypto/keccak.ts";
import { STAGES, type Stage } from "../../../../src/worker/dispute/game-reader.ts";
import { encodeAccusation } from "../../../../src/worker/dispute/charges.ts";
import { executionOf } from "../../../../src/worker/dispute/job-executions.ts";
import { challengePart } from "../../../../src/worker/dispute/part-challenge.ts";
import { Defender } from "../../../../src/worker/dispute/defender.ts";
import { playAsChallenger } from "../../../../src/worker/dispute/play.ts";
import { initialWeights, runPart } from "../../../../src/compute/training.ts";
import type { JobOutput } from "../../../../src/compute/claims.ts";
import { everyOperation } from "../../../support/every-operation.ts";
import { makeClaim, postClaim, signPart, type Lie, type MadeClaim } from "../../../support/disputes/author.ts";
import { ledgerChange, readLedger, type Ledger, type LedgerChange } from "../../../support/disputes/ledger.ts";
import { challengerOf, defend, newestGame, partsOf, until, watchClaim } from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage, type Player } from "../../../support/disputes/stage.ts";
import { testKey } from "../../../support/stub-job.ts";

const ROUNDS = 2;
/** So many that their signatures can't be shown in one game, and how many are asked for. */
const MANY_ROUNDS = 16;
const SAMPLE = 12;
const PARTS = 2;
const program = everyOperation(PARTS, 3);
const AT_STEP = { section: "step", round: 1, part: 0 } as const;
const index = (name: string): number => operationsOf(program, "step").findIndex((operation) => operation.name === name);
/** Files of the dataset: the first one has more leaves than a game has demands. */
const SAMPLES = 0;
const LABELS = 1;
/** Stages of a game, as the contract numbers them. */
const AT_DETAIL = 3n;
const LOST = 12n;
const VOID = 13n;
const half = (wei: bigint): bigint => wei / 2n;
const rest = (wei: bigint): bigint => wei - wei / 2n;

/** What a claim that fell costs and gives: its author loses bond and stake, the lease's bond comes back. */
const CLAIM_LOST: LedgerChange = {
  author: TERMS.leaseBondWei,
  authorStake: -TERMS.coverageWei,
  challenger: half(TERMS.claimBondWei) + TERMS.bountyWei,
  burnt: rest(TERMS.claimBondWei) + TERMS.coverageWei - TERMS.bountyWei,
};

describe("adversaries of training", function () {
  this.timeout(600_000);

  let stage: DisputeStage;
  let jobId: bigint;
  /** A job with one part a round. */
  let plainJobId: bigint;
  let longJobId: bigint;
  let start: string;
  let earlier: Ledger;

  before(async () => {
    stage = await setStage();
    jobId = await stage.openJob(program, ROUNDS);
    plainJobId = await stage.openJob(everyOperation(1, 3), ROUNDS);
    longJobId = await stage.openJob(program, MANY_ROUNDS);
    start = await stage.snapshot();
  });

  beforeEach(async () => {
    await stage.revert(start);
    start = await stage.snapshot();
  });

  const changes = async (): Promise<LedgerChange> => ledgerChange(earlier, await readLedger(stage));

  async function claim(lie: Lie = {}): Promise<MadeClaim> {
    const made = await makeClaim(stage, jobId, lie);
    earlier = await readLedger(stage);
    return made;
  }

  /** Plays against a claim that is meddled with in a part; the last weight is altered too, so that it shows. */
  async function fall(meddling: Meddling): Promise<void> {
    const all: Meddling = (written) => {
      const { elements, step, tensor } = written;
      const other = meddling(written);
      if (tensor.section === "step" && step === 2 && written.operation === index("update")) elements[0] = 7;
      return other;
    };
    const made = await claim({ at: AT_STEP, meddling: all });
    const end = defend(stage, made, { meddling: all });
    expect(await watchClaim(stage, jobId)).to.equal(true);
    await end();
    expect((await newestGame(stage)).stage).to.equal("settled");
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  }

  /** The author can't or won't answer: time passes. */
  async function fallBySilence(playing: Promise<unknown>): Promise<void> {
    await until(
      async () => (await stage.contracts.DisputeGame.gameCount()) > 0n && (await newestGame(stage)).turn === "author",
    );
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    await playing;
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  }

  describe("in a part", () => {
    it("non-zero padding", () =>
      fall(({ step, operation, elements }) => {
        if (step !== 1 || operation !== index("tail")) return undefined;
        const file = new Uint8Array(256);
        const view = new DataView(file.buffer);
        [...(elements as Int32Array)].forEach((value, i) => {
          view.setInt32(4 * i, value, true);
        });
        file[255] = 1;
        return file;
      }));

    it("wrong stride", () =>
      fall(({ step, tensor, elements }) => {
        if (step !== 0 || tensor.columns !== 9) return undefined;
        const file = new Uint8Array(256 * 16);
        file.set(elements as Uint8Array);
        return file;
      }));

    it("stale weights", () => {
      let stale: Int16Array | undefined;
      return fall(({ step, operation, elements, run }) => {
        if (operation !== index("matmul")) return undefined;
        const [a, b] = operationsOf(program, "step")[operation]!.operands as [number, number];
        if (step === 0) stale = (run.tensor(b) as Int16Array).slice();
        if (step !== 1 || stale === undefined) return undefined;
        const input = run.tensor(a) as Uint8Array;
        for (let i = 0; i < elements.length; i++) {
          let sum = 0;
          for (let k = 0; k < 16; k++) sum += input[Math.floor(i / 8) * 16 + k]! * stale[(i % 8) * 16 + k]!;
          elements[i] = sum;
        }
        return undefined;
      });
    });

    it("skipped step", () =>
      fall(({ step, operation, elements, run }) => {
        if (step !== 1 || operation !== index("update")) return undefined;
        const [weights] = operationsOf(program, "step")[operation]!.operands;
        (elements as Int16Array).set(run.tensor(weights!) as Int16Array);
        return undefined;
      }));

    it("wrong batch order", () =>
      fall(({ step, operation, elements }) => {
        if (step !== 1 || operation > 1) return undefined;
        const size = elements.length / 16;
        const first = (elements as Uint8Array).slice(0, size);
        (elements as Uint8Array).copyWithin(0, size, 2 * size);
        (elements as Uint8Array).set(first, size);
        return undefined;
      }));
  });

  it("wrong seed", async () => {
    const other = keccak256(new Uint8Array(1));
    const made = await claim({ job: (job) => ({ ...job, seed: other }) });
    const end = defend(stage, made);
    await watchClaim(stage, jobId);
    await end();
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("wrong average, and an honest signer of a garbage root is not punished", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "average" && tensor.output === 0) (elements as Int16Array).fill(99);
      return undefined;
    };
    const at = { section: "average", round: 0, part: 0 } as const;
    const made = await claim({ at, meddling, signer: () => "worker" });
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId);
    await end();
    expect(await changes()).to.deep.equal(CLAIM_LOST);

    earlier = await readLedger(stage);
    const garbage = made.training.start(1);
    const wrong = {
      job: made.job,
      index: PARTS,
      start: garbage,
      endRoot: made.endRoot(1, 0),
      signature: made.signedParts[PARTS]!.signature,
    };
    const answers = { ...made.answers, answers: () => true };
    const worker = defend(stage, { answers }, { player: "worker" });
    const playing = lieAbout(made, wrong);
    await playing;
    await worker();
    expect(await changes()).to.deep.equal({
      rival: -TERMS.gameBondWei,
      worker: half(TERMS.gameBondWei),
      burnt: rest(TERMS.gameBondWei),
    });
  });

  /** A false challenge of a part that was computed rightly. */
  async function lieAbout(made: MadeClaim, wrong: Parameters<typeof challengePart>[1]): Promise<void> {
    await challengePart(partsOf(stage, "rival"), wrong, new AbortController().signal, {
      meddling: ({ step, operation, elements }) => {
        if (step === 1 && operation === index("argmax")) elements[3] = 5;
        return undefined;
      },
    });
    expect(made.jobId).to.equal(jobId);
  }

  it("wrong final root", async () => {
    const made = await claim({
      files: ({ weights }) => {
        const other = weights.slice();
        other[0]! ^= 1;
        return { weights: other };
      },
    });
    const end = defend(stage, made);
    await watchClaim(stage, jobId);
    await end();
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("wrong allocation, which its author can't explain", async () => {
    const made = await claim({
      files: ({ allocation }) => {
        const other = allocation.slice();
        other[0]! ^= 1;
        return { allocation: other };
      },
    });
    const end = defend(stage, made);
    await fallBySilence(watchClaim(stage, jobId));
    await end();
  });

  const altered = (name: JobOutput, at: (length: number) => number) => (files: Record<JobOutput, Uint8Array>) => {
    const other = files[name].slice();
    other[at(other.length)]! ^= 1;
    return { [name]: other };
  };

  for (const [what, files] of Object.entries<NonNullable<Lie["files"]>>({
    "an account that is nobody's": altered("accounts", (length) => length - 1),
    "an account of the dataset that is somebody else's": altered("accounts", () => 32 * 77 + 31),
    "a round that is said to start from other weights": altered("rounds", () => 256 + 13),
    "an unused slot of the trace": altered("trace", () => 3 * 32 + 5),
    "a credit of nobody": altered("credits", () => 3),
    "a credit behind the last part": altered("credits", (length) => length - 1),
  })) {
    it(what, async () => {
      await claim({ files });
      await watchClaim(stage, jobId);
      expect((await newestGame(stage)).stage).to.equal("settled");
      expect(await changes()).to.deep.equal(CLAIM_LOST);
    });
  }

  it("a round that does not go on from the end of the one before", async () => {
    await makeClaim(stage, plainJobId, {
      files: ({ trace }) => {
        const other = trace.slice();
        other[2 * 32]! ^= 1;
        return { trace: other };
      },
    });
    earlier = await readLedger(stage);
    await watchClaim(stage, plainJobId);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("is not helped by anybody's death: players that come back go on in the middle", async () => {
    const meddling: Meddling = ({ tensor, step, operation, elements }) => {
      if (tensor.section === "step" && step === 1 && operation === index("update")) elements[6] = 1;
      return undefined;
    };
    const made = await claim({ at: AT_STEP, meddling });
    for (const reached of ["openSteps", "pickOperation", "prove"] as const) {
      const stop = new AbortController();
      const end = defend(stage, made, { meddling });
      const playing = watchClaim(stage, jobId, challengerOf(stage), stop.signal).catch(() => false);
      await until(async () => (await stage.contracts.DisputeGame.gameCount()) > 0n);
      await until(async () => isBeyond((await newestGame(stage)).stage, reached));
      stop.abort();
      await playing;
      await end();
    }
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId);
    await challengerOf(stage).tidy(new AbortController().signal);
    await end();
    expect(await stage.contracts.DisputeGame.gameCount()).to.equal(1n);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("a part credited twice by one signature", async () => {
    await claim({
      signer: () => "worker",
      files: ({ rounds }) => {
        const other = rounds.slice();
        const entries = other.length - 256 * PARTS * ROUNDS;
        other.copyWithin(entries + 256, entries, entries + 256);
        return { rounds: other };
      },
    });
    await watchClaim(stage, jobId);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  /** Credits part 0 to somebody who is no operator of the job and signed it well. */
  const scapegoat: Lie = {
    files: ({ rounds }, job) => {
      const key = testKey("scapegoat");
      const other = rounds.slice();
      const entries = other.length - 256 * PARTS * ROUNDS;
      const from = initialWeights(program, job.seed);
      const end = runPart(job, from, 0, 0);
      other.set(fromHex(signPart(job, 0, fileRoot(from), fileRoot(end), key)), entries);
      other.set(fromHex(key.address), entries + 65);
      return { rounds: other };
    },
  };

  it("a scapegoat with no stake: the job's author pays", async () => {
    const made = await claim(scapegoat);
    expect(made.jobId).to.equal(jobId);
    await watchClaim(stage, jobId);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("a signature of one part against another one", async () => {
    const made = await claim({ signer: () => "worker" });
    const { job } = made;
    const start = made.training.start(0);
    const signature = made.signedParts[1]!.signature;
    const wrong = { job, index: 0, start, endRoot: made.endRoot(0, 0), signature };
    const challenging = challengePart(partsOf(stage, "rival"), wrong, new AbortController().signal);
    expect(await named(challenging)).to.equal("DisputeGameNotOperator");
    expect(await changes()).to.deep.equal({});
  });

  it("withheld trace: the author has to show it", async () => {
    const meddling: Meddling = ({ tensor, operation, elements }) => {
      if (tensor.section === "step" && operation === index("update")) elements[5] = 3;
      return undefined;
    };
    const made = await claim({ at: AT_STEP, meddling });
    stage.files.delete(made.submissions[2]!);
    await stage.passSeconds(TERMS.claimWindowSeconds / 2);
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId);
    await end();
    expect(await changes()).to.deep.equal(CLAIM_LOST);
    expect((await newestGame(stage)).demands).to.be.greaterThan(0);
  });

  it("withheld trace whose leaf with a false average has not the ends that it is of", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "average" && tensor.type === "i32") elements[5] = Number(elements[5]) > 0 ? -100 : 100;
      return undefined;
    };
    const made = await makeClaim(stage, longJobId, { at: { section: "average", round: 11, part: 0 }, meddling });
    earlier = await readLedger(stage);
    stage.files.delete(made.submissions[2]!);
    await stage.passSeconds(TERMS.claimWindowSeconds / 2);
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, longJobId);
    await end();
    expect((await newestGame(stage)).stage).to.equal("settled");
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("withheld rounds: what the training shows is shown without them", async () => {
    const meddling: Meddling = ({ tensor, operation, elements }) => {
      if (tensor.section === "step" && operation === index("update")) elements[5] = 3;
      return undefined;
    };
    const made = await claim({ at: AT_STEP, meddling });
    stage.files.delete(made.submissions[5]!);
    await stage.passSeconds(TERMS.claimWindowSeconds / 2);
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId);
    await end();
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  for (const [what, lie] of Object.entries<Lie>({
    "a signature of nobody": scapegoat,
    "other weights": { files: altered("rounds", () => 256 + 13) },
  })) {
    it(`withheld rounds with ${what}: the author has to show it`, async () => {
      const made = await claim(lie);
      stage.files.delete(made.submissions[5]!);
      await stage.passSeconds(TERMS.claimWindowSeconds / 2);
      const end = defend(stage, made);
      await watchClaim(stage, jobId);
      await end();
      expect(await changes()).to.deep.equal(CLAIM_LOST);
      const { demands } = await newestGame(stage);
      expect(demands).to.be.within(PARTS * ROUNDS, PARTS * ROUNDS + 8);
    });
  }

  /** Credits every part to somebody who is no operator of the job. */
  const allForged: Lie["files"] = ({ rounds }) => {
    const other = rounds.slice();
    for (let entry = 1; entry <= PARTS * MANY_ROUNDS; entry++)
      other.fill(7, other.length - 256 * entry + 65, other.length - 256 * entry + 85);
    return { rounds: other };
  };

  for (const [what, files, change] of [
    ["a sample convicts a forger", allForged, CLAIM_LOST],
    ["a sample of right ones costs its bond", undefined, undefined],
  ] as const) {
    it(`withheld signatures of more parts than one game can show: ${what}`, async () => {
      const made = await makeClaim(stage, longJobId, files ? { files } : {});
      earlier = await readLedger(stage);
      stage.files.delete(made.submissions[5]!);
      await stage.passSeconds(TERMS.claimWindowSeconds / 2);
      const end = defend(stage, made);
      const watching = watchClaim(stage, longJobId);
      if (files) await watching;
      else {
        expect(await codeOf(watching)).to.equal("STORAGE_FILE_UNAVAILABLE");
        expect(await codeOf(watchClaim(stage, longJobId))).to.equal("STORAGE_FILE_UNAVAILABLE");
        await stage.passSeconds(TERMS.budgetSeconds + 1);
        await until(async () => (await newestGame(stage)).stage === "lost");
      }
      await end();
      expect(await stage.contracts.DisputeGame.gameCount()).to.equal(1n);
      expect((await newestGame(stage)).demands).to.equal(files ? 1 : SAMPLE);
      expect(await changes()).to.deep.equal(change ?? BOND_LOST);
    });
  }

  /** Takes a file of the dataset out of storage for as long as `play` takes. */
  async function withoutDataset(file: number, play: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const { submissions } = await stage.contracts.DatasetRegistry.dataset(stage.datasetId);
    const place = Number(submissions[file]);
    const bytes = stage.files.get(place)!;
    stage.files.delete(place);
    try {
      await stage.passSeconds(TERMS.claimWindowSeconds / 2);
      await play(bytes);
    } finally {
      stage.files.set(place, bytes);
    }
  }

  it("withheld dataset: an author who hasn't got it either loses", async () => {
    await claim();
    await withoutDataset(LABELS, () => fallBySilence(watchClaim(stage, jobId)));
  });

  it("withheld dataset of more leaves than can be demanded: no bond is risked on it", async () => {
    await claim();
    await withoutDataset(SAMPLES, async () => {
      expect(await codeOf(watchClaim(stage, jobId))).to.equal("STORAGE_FILE_UNAVAILABLE");
    });
    expect(await stage.contracts.DisputeGame.gameCount()).to.equal(0n);
    expect(await changes()).to.deep.equal({});
  });

  it("an author that hides a file of right claims from storage wins one bond of a watcher, and no second", async () => {
    const made = await claim();
    await withoutDataset(LABELS, async (labels) => {
      const answers = { ...made.answers, file: () => Promise.resolve(labels) };
      const end = defend(stage, { answers });
      expect(await watchClaim(stage, jobId)).to.equal(false);
      await stage.passSeconds(TERMS.budgetSeconds + 1);
      await until(async () => (await newestGame(stage)).stage === "lost");
      await end();
    });
    expect(await changes()).to.deep.equal(BOND_LOST);
    await makeClaim(stage, plainJobId);
    earlier = await readLedger(stage);
    await withoutDataset(LABELS, async () => {
      expect(await codeOf(watchClaim(stage, plainJobId))).to.equal("STORAGE_FILE_UNAVAILABLE");
    });
    expect(await stage.contracts.DisputeGame.gameCount()).to.equal(1n);
    expect(await changes()).to.deep.equal({});
  });

  it("an author whose claim does not hold knows that no move is left", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "step") elements[0] = 1;
      return undefined;
    };
    const made = await claim({ at: AT_STEP, meddling });
    const { provider } = stage;
    const defender = new Defender({ ...partsOf(stage, "author"), provider, fromBlock: 0, files: [made.answers] });
    const stop = new AbortController();
    const defence = defender.run(stop.signal, stop.signal);
    const playing = watchClaim(stage, jobId);
    await until(() => Promise.resolve(defender.hasConceded(1n)));
    expect(defender.hasConceded(2n)).to.equal(false);
    await fallBySilence(playing);
    stop.abort();
    await defence;
  });

  it("silent author", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "step") elements[0] = 1;
      return undefined;
    };
    await claim({ at: AT_STEP, meddling });
    await fallBySilence(watchClaim(stage, jobId));
  });

  it("silent challenger, who is also too late", async () => {
    const made = await claim();
    const gameId = await open("challenger");
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    const { DisputeGame } = stage.contracts;
    expect(await refusal(stage.senders.challenger, DisputeGame.demand.populateTransaction(gameId, 2, 0))).to.equal(
      "DisputeGameTurnOver",
    );
    const end = defend(stage, made);
    await until(async () => (await newestGame(stage)).stage === "lost");
    await end();
    expect(await changes()).to.deep.equal(BOND_LOST);
  });

  it("late move of an author", async () => {
    const made = await claim();
    const gameId = await accuse(made, "challenger");
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    const end = defend(stage, made);
    await stage.senders.challenger.send(stage.contracts.DisputeGame.claimTimeout.populateTransaction(gameId));
    await end();
    await carryOutAs("challenger", gameId);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("false challenge", async () => {
    const made = await claim();
    const end = defend(stage, made);
    await falseChallenge(made, "challenger");
    await end();
    expect((await newestGame(stage)).stage).to.equal("lost");
    expect(await changes()).to.deep.equal(BOND_LOST);
    await accepted();
  });

  it("false challenge of an average, which has no seed", async () => {
    const made = await claim();
    const end = defend(stage, made);
    const gameId = await open("challenger");
    const { trace } = made.files;
    const name = { section: "average", round: 0, part: 0 } as const;
    const last = new ClaimedFile("trace", trace.length, trace, trace).open(0);
    const accusation = encodeAccusation({ ...name, start: { leaf: "0x", siblings: [] }, end: last });
    await stage.senders.challenger.send(stage.contracts.DisputeGame.accuse.populateTransaction(gameId, accusation));
    const execution = executionOf(made.job, name, made.training);
    const own = { detail: await Detail.compute({ ...execution, seed: new Uint8Array(32) }) };
    const { signal } = new AbortController();
    await playAsChallenger(partsOf(stage, "challenger"), gameId, () => Promise.resolve(own), signal);
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    await until(async () => (await newestGame(stage)).turn === undefined);
    await end();
    expect((await newestGame(stage)).stage).to.equal("lost");
    expect(await changes()).to.deep.equal(BOND_LOST);
    await accepted();
  });

  it("hundred false challenges in parallel", async () => {
    const made = await claim();
    const end = defend(stage, made, { pollMs: 20 });
    const { DisputeGame, Token } = stage.contracts;
    const { rival } = stage.senders;
    const accusation = accusationOf(made);
    await rival.send(Token.approve.populateTransaction(await DisputeGame.getAddress(), 100n * TERMS.gameBondWei));
    for (let i = 0; i < 100; i++) await rival.send(DisputeGame.challenge.populateTransaction(jobId, 1, accusation));
    for (let game = 1n; game <= 100n; game++) {
      await until(async () => (await DisputeGame.game(game)).stage !== AT_DETAIL);
    }
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    await until(async () => (await DisputeGame.openGames(jobId, 1)) === 0n);
    await end();
    expect(await changes()).to.deep.equal({
      rival: -100n * TERMS.gameBondWei,
      author: 100n * half(TERMS.gameBondWei),
      burnt: 100n * rest(TERMS.gameBondWei),
    });
    await accepted();
  });

  it("false challenges of every part at once: the author runs each part once, and once for each thing that a game asks for", async () => {
    const made = await claim();
    let runs = 0;
    const count: Meddling = ({ step, operation }) => {
      if (step === 0 && operation === 0) runs++;
      return undefined;
    };
    const places = Array.from({ length: ROUNDS * PARTS }, (_, i) => [Math.floor(i / PARTS), i % PARTS] as const);
    const games: bigint[] = [];
    for (const [round, part] of places) games.push(await accuse(made, "rival", round, part));
    const end = defend(stage, made, { meddling: count });
    await Promise.all(places.map(([round, part], i) => playFalsely(made, "rival", games[i]!, round, part)));
    await end();
    for (const gameId of games) expect((await stage.contracts.DisputeGame.game(gameId)).stage).to.equal(LOST);
    expect(runs).to.be.within(games.length, 3 * games.length);
    const lost = BigInt(games.length);
    expect(await changes()).to.deep.equal({
      rival: -lost * TERMS.gameBondWei,
      author: lost * half(TERMS.gameBondWei),
      burnt: lost * rest(TERMS.gameBondWei),
    });
  });

  it("two challengers: the second one gets its bond back", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "init") elements[0] = 5;
      return undefined;
    };
    const made = await claim({ at: { section: "init", round: 0, part: 0 }, meddling });
    const second = await open("rival");
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId);
    await challengerOf(stage, "rival").tidy(new AbortController().signal);
    await end();
    expect((await stage.contracts.DisputeGame.game(second)).stage).to.equal(VOID);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("self-challenge loses money", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "init") elements[0] = 5;
      return undefined;
    };
    const made = await claim({ at: { section: "init", round: 0, part: 0 }, meddling });
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobId, challengerOf(stage, "rival"));
    await end();
    const { author = 0n, rival = 0n, authorStake = 0n, ...others } = await changes();
    const wonWei = half(TERMS.claimBondWei) + TERMS.bountyWei;
    expect(author + rival + authorStake).to.equal(TERMS.leaseBondWei + wonWei - TERMS.coverageWei);
    expect(rival).to.equal(wonWei);
    expect(others).to.deep.equal({ burnt: rest(TERMS.claimBondWei) + TERMS.coverageWei - TERMS.bountyWei });
  });

  it("a worker that lied: the author loses its claim, and the worker its stake", async () => {
    const meddling: Meddling = ({ tensor, step, elements }) => {
      if (tensor.section === "step" && step === 2 && tensor.output === 0) elements[9] = 4;
      return undefined;
    };
    const made = await claim({ at: AT_STEP, meddling, signer: () => "worker" });
    const worker = defend(
      stage,
      { answers: { ...made.answers, answers: ({ claimNumber }) => claimNumber === 0 } },
      {
        player: "worker",
        meddling,
      },
    );
    await fallBySilence(watchClaim(stage, jobId));
    earlier = await readLedger(stage);
    const wrong = {
      job: made.job,
      index: PARTS,
      start: made.training.start(1),
      endRoot: made.endRoot(1, 0),
      signature: made.signedParts[PARTS]!.signature,
    };
    await challengePart(partsOf(stage, "author"), wrong, new AbortController().signal);
    await worker();
    expect(await changes()).to.deep.equal({
      workerStake: -TERMS.coverageWei,
      author: TERMS.bountyWei,
      burnt: TERMS.coverageWei - TERMS.bountyWei,
    });
  });

  it("a copied claim is refused", async () => {
    await stage.passSeconds(20_001);
    const { JobRegistry, Token } = stage.contracts;
    await stage.senders.worker.send(Token.approve.populateTransaction(await JobRegistry.getAddress(), 10n ** 24n));
    await stage.senders.worker.send(JobRegistry.takeLease.populateTransaction(jobId));
    const made = await makeClaim(stage, jobId, {}, false);
    earlier = await readLedger(stage);
    const copied = postClaim(stage, "worker", jobId, made.job, made.files, made.submissions, stage.keys.author);
    expect(await named(copied)).to.equal("JobRegistryWrongSigner");
    expect(await changes()).to.deep.equal({});
  });

  it("a program that overflows is refused", async () => {
    earlier = await readLedger(stage);
    const { head, constantRoots } = programRegistration(program);
    const wide = head.slice();
    // The multiplier of the first operation, `init`: the greatest there is.
    const word = headBytes(program.tensors.length, 0);
    new DataView(wide.buffer).setUint32(word + 12, 2 ** 31 - 1);
    const { ProgramRegistry } = stage.contracts;
    const registering = ProgramRegistry.register.populateTransaction(toHex(wide), [...constantRoots]);
    expect(await refusal(stage.senders.author, registering)).to.equal("ProgramOverflow");
    expect(await changes()).to.deep.equal({});
  });

  it("a coordinator that vanishes is replaced and loses the lease's bond", async () => {
    earlier = await readLedger(stage);
    await stage.passSeconds(20_001);
    const { JobRegistry, Token } = stage.contracts;
    await stage.senders.worker.send(Token.approve.populateTransaction(await JobRegistry.getAddress(), 10n ** 24n));
    await stage.senders.worker.send(JobRegistry.takeLease.populateTransaction(jobId));
    expect(await changes()).to.deep.equal({
      worker: half(TERMS.leaseBondWei) - TERMS.leaseBondWei,
      burnt: rest(TERMS.leaseBondWei),
    });
  });

  const BOND_LOST: LedgerChange = {
    challenger: -TERMS.gameBondWei,
    author: half(TERMS.gameBondWei),
    burnt: rest(TERMS.gameBondWei),
  };

  async function open(player: Player): Promise<bigint> {
    const { DisputeGame, Token } = stage.contracts;
    const sender = stage.senders[player];
    await sender.send(Token.approve.populateTransaction(await DisputeGame.getAddress(), TERMS.gameBondWei));
    return eventOf(await sender.send(DisputeGame.open.populateTransaction(jobId, 1)), DisputeGame, "GameOpened").gameId;
  }

  async function accuse(made: MadeClaim, player: Player, round = 0, part = 0): Promise<bigint> {
    const { DisputeGame } = stage.contracts;
    const gameId = await open(player);
    await stage.senders[player].send(DisputeGame.accuse.populateTransaction(gameId, accusationOf(made, round, part)));
    return gameId;
  }

  async function falseChallenge(made: MadeClaim, player: Player): Promise<void> {
    await playFalsely(made, player, await accuse(made, player));
  }

  /** Says that one element of a part is another one. */
  async function playFalsely(made: MadeClaim, player: Player, gameId: bigint, round = 0, part = 0): Promise<void> {
    const meddling: Meddling = ({ step, operation, elements }) => {
      if (step === 1 && operation === index("gate")) elements[2] = 1 + Number(elements[2]);
      return undefined;
    };
    const execution = executionOf(made.job, { section: "step", round, part }, made.training);
    const own = async () => ({ detail: await Detail.compute(execution, { meddling }) });
    await playAsChallenger(partsOf(stage, player), gameId, own, new AbortController().signal);
  }

  async function carryOutAs(player: Player, gameId: bigint): Promise<void> {
    const never = () => Promise.reject(new GlassboxError("bug", "TEST", "not needed"));
    await playAsChallenger(partsOf(stage, player), gameId, never, new AbortController().signal);
  }

  async function accepted(): Promise<void> {
    await stage.passSeconds(TERMS.claimWindowSeconds + 1);
    const { JobRegistry } = stage.contracts;
    await stage.senders.stranger.send(JobRegistry.accept.populateTransaction(jobId));
    expect((await JobRegistry.job(jobId)).status).to.equal(3n);
  }

  async function refusal(sender: TxSender, request: Parameters<TxSender["send"]>[0]): Promise<string> {
    return named(sender.send(request));
  }
});

/** Whether a game has come so far. */
function isBeyond(stage: Stage, reached: Stage): boolean {
  return STAGES.indexOf(stage) >= STAGES.indexOf(reached);
}

function accusationOf({ files: { trace } }: MadeClaim, round = 0, part = 0): ReturnType<typeof encodeAccusation> {
  const file = new ClaimedFile("trace", trace.length, trace, trace);
  return encodeAccusation(partAccusation({ trace: file, parts: PARTS }, round, part));
}

async function codeOf(doing: Promise<unknown>): Promise<string> {
  const thrown = await doing.catch((error: unknown) => error);
  return thrown instanceof GlassboxError ? thrown.code : String(thrown);
}

async function named(sending: Promise<unknown>): Promise<string> {
  try {
    await sending;
  } catch (error) {
    return error instanceof GlassboxError ? String(error.details.error) : String(error);
  }
  return "nothing";
}

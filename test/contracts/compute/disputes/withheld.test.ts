import { expect } from "chai";

import type { Meddling } from "../../../../src/compute/dispute/detail.ts";
import { JOB_OUTPUTS } from "../../../../src/compute/claims.ts";
import type { GlassboxError } from "../../../../src/core/errors.ts";
import { FileTree } from "../../../../src/crypto/file-tree.ts";
import { makeClaim, postClaim, type MadeClaim } from "../../../support/disputes/author.ts";
import { ledgerChange, readLedger, type Ledger, type LedgerChange } from "../../../support/disputes/ledger.ts";
import { defend, newestGame, until, watchClaim } from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage } from "../../../support/disputes/stage.ts";
import { everyOperation } from "../../../support/every-operation.ts";

const LABELS = 1;
const { signal } = new AbortController();
const MEDDLED = { section: "step", round: 1, part: 0 } as const;
/** The last weights of a part are altered. */
const meddling: Meddling = ({ tensor, elements }) => {
  if (tensor.section === "step" && tensor.output === 0) elements[0] = 3;
  return undefined;
};
const CLAIM_LOST: LedgerChange = {
  author: TERMS.leaseBondWei,
  authorStake: -TERMS.coverageWei,
  challenger: TERMS.claimBondWei / 2n + TERMS.bountyWei,
  burnt: TERMS.claimBondWei - TERMS.claimBondWei / 2n + TERMS.coverageWei - TERMS.bountyWei,
};

describe("files under real deals that their holder does not give", function () {
  this.timeout(600_000);

  let stage: DisputeStage;
  let jobs: bigint[];
  let earlier: Ledger;

  before(async () => {
    stage = await setStage(undefined, true);
    const program = everyOperation(2, 3);
    jobs = [await stage.openJob(program, 2), await stage.openJob(program, 2), await stage.openJob(program, 2)];
  });
  after(() => stage.close());

  const changes = async (): Promise<LedgerChange> => ledgerChange(earlier, await readLedger(stage));

  async function claim(job: number): Promise<MadeClaim> {
    const made = await makeClaim(stage, jobs[job]!, { at: MEDDLED, meddling });
    earlier = await readLedger(stage);
    return made;
  }

  it("trace: the author has to show it", async () => {
    const made = await claim(0);
    await Promise.all(made.submissions.map((_, i) => made.answers.file(undefined as never, JOB_OUTPUTS[i]!, signal)));
    stage.files.delete(made.submissions[2]!);
    await stage.passSeconds(TERMS.claimWindowSeconds / 2);
    const end = defend(stage, made, { meddling });
    await watchClaim(stage, jobs[0]!);
    await end();
    expect(await changes()).to.deep.equal(CLAIM_LOST);
    expect((await newestGame(stage)).demands).to.be.greaterThan(0);
  });

  it("dataset: an author who hasn't got it either loses", async () => {
    await claim(1);
    const { submissions } = await stage.contracts.DatasetRegistry.dataset(stage.datasetId);
    const place = Number(submissions[LABELS]);
    const labels = stage.files.get(place)!;
    stage.files.delete(place);
    await stage.passSeconds(TERMS.claimWindowSeconds / 2);
    const games = await stage.contracts.DisputeGame.gameCount();
    const watching = watchClaim(stage, jobs[1]!);
    await until(async () => (await stage.contracts.DisputeGame.gameCount()) > games);
    await until(async () => (await newestGame(stage)).turn === "author");
    await stage.passSeconds(TERMS.budgetSeconds + 1);
    await watching;
    stage.files.set(place, labels);
    expect(await changes()).to.deep.equal(CLAIM_LOST);
  });

  it("that nobody holds at all make no claim", async () => {
    const made = await makeClaim(stage, jobs[2]!, {}, false);
    const { Flow, Market } = stage.contracts;
    const { trace } = made.files;
    const { author } = stage.senders;
    const data = { length: trace.length, tags: "0x", nodes: new FileTree(trace).submissionNodes() };
    const value = BigInt(Math.ceil(trace.length / 256)) * 2n * (await Market.pricePerSector());
    await author.send(Flow.submit.populateTransaction({ data, submitter: author.address }, { value }));
    const unfilled = Number(await Flow.numSubmissions()) - 1;
    const submissions = made.submissions.with(2, unfilled);
    earlier = await readLedger(stage);
    const posting = postClaim(stage, "author", jobs[2]!, made.job, made.files, submissions);
    const refused = (await posting.catch((error: unknown) => error)) as GlassboxError;
    expect(refused.details["error"]).to.equal("JobRegistryNotAvailable");
    expect(await changes()).to.deep.equal({});
  });
});

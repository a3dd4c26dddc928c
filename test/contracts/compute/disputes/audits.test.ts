import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { TxSender } from "../../../../src/chain/tx-sender.ts";
import type { Meddling } from "../../../../src/compute/dispute/detail.ts";
import { operationsOf } from "../../../../src/compute/dispute/execution.ts";
import { GlassboxError } from "../../../../src/core/errors.ts";
import { encodeTensor } from "../../../../src/core/tensor.ts";
import { MemoryStore } from "../../../../src/db/memory-store.ts";
import { FlowReader } from "../../../../src/storage/flow-reader.ts";
import { AuditAuthor } from "../../../../src/worker/audits/audit-author.ts";
import { readAuditedPart, type AuditedPart } from "../../../../src/worker/audits/audited-part.ts";
import { Auditor } from "../../../../src/worker/audits/auditor.ts";
import type { SeenClaim } from "../../../../src/worker/claim-desk.ts";
import { KeptFiles } from "../../../../src/worker/dispute/kept-files.ts";
import { makeClaim } from "../../../support/disputes/author.ts";
import { ledgerChange, readLedger, type Ledger, type LedgerChange } from "../../../support/disputes/ledger.ts";
import {
  challengerOf,
  defend,
  newestGame,
  partsOf,
  seenClaim,
  until,
  watchClaim,
} from "../../../support/disputes/play.ts";
import { setStage, TERMS, type DisputeStage, type Player } from "../../../support/disputes/stage.ts";
import { everyOperation } from "../../../support/every-operation.ts";
import { expectGlassboxError } from "../../../support/expect-error.ts";

const PARTS = 2;
const program = everyOperation(PARTS, 3);
/** In the order of the contract's `AuditStatus`. */
const STATUS = { committed: 1n, revealed: 2n, paid: 3n, lost: 4n, expired: 5n, released: 6n };
/** How long a slow chain takes for a transaction: longer than a part. */
const BLOCK_MS = 500;
const PAY = TERMS.auditFeeWei / BigInt(TERMS.auditsPerClaim);
const half = (wei: bigint): bigint => wei / 2n;
const rest = (wei: bigint): bigint => wei - wei / 2n;
/** What the acceptance of the claim gives its author. */
const ACCEPTED = TERMS.feeWei + TERMS.claimBondWei + TERMS.leaseBondWei;

/** Commits to another number than was computed in a tensor that nothing is left of: the part ends as it must. */
const lie: Meddling = ({ operation, tensor, elements, step }) => {
  if (step !== 1 || operation !== operationsOf(program, "step").findIndex(({ name }) => name === "argmax")) return;
  const altered = elements.slice();
  altered[0] = altered[0] === 1 ? 2 : 1;
  return encodeTensor({ type: tensor.type, rows: tensor.rows, columns: tensor.columns }, altered);
};

/** A sender on a chain that takes its time. */
async function slowSender({ signer }: TxSender): Promise<TxSender> {
  const sender = await TxSender.create(signer);
  const send = sender.send.bind(sender);
  sender.send = async (request) => {
    const receipt = await send(request);
    await sleep(BLOCK_MS);
    return receipt;
  };
  return sender;
}

describe("audits of claims", function () {
  this.timeout(600_000);

  let stage: DisputeStage;
  let jobId: bigint;
  let start: string;
  let earlier: Ledger;
  let running: (() => Promise<void>)[];
  let stores: Partial<Record<Player, MemoryStore>>;

  before(async () => {
    stage = await setStage();
    jobId = await stage.openJob(program, 2, undefined, TERMS.auditFeeWei);
    start = await stage.snapshot();
  });

  beforeEach(async () => {
    await stage.revert(start);
    start = await stage.snapshot();
    running = [];
    stores = {};
  });

  afterEach(async () => {
    for (const stop of running) await stop();
  });

  const changes = async (): Promise<LedgerChange> => ledgerChange(earlier, await readLedger(stage));
  const statusOf = async (auditId: bigint): Promise<bigint> => (await stage.contracts.AuditDesk.audit(auditId)).status;
  const hasStatus = (auditId: bigint, status: bigint): Promise<void> =>
    until(async () => (await statusOf(auditId)) === status);

  /** What a player reads a job's files with; it keeps them in a store that outlives its process. */
  function keptBy(player: Player): (jobId: bigint) => KeptFiles {
    const { contracts, storage } = stage;
    stores[player] ??= new MemoryStore();
    const store = stores[player];
    return (job) => new KeptFiles(new FlowReader(contracts), storage, store, job);
  }

  /** Runs an auditor, and answers for its audits, until the returned function is called. */
  function audit(player: Player, claim?: SeenClaim, meddling?: Meddling): () => Promise<void> {
    const { contracts, provider, storage } = stage;
    const kept = keptBy(player);
    const parts = { ...partsOf(stage, player), provider, fromBlock: 0, storage, kept };
    const options = meddling === undefined ? {} : { meddling };
    const auditor = new Auditor({ ...parts, challenger: challengerOf(stage, player), ...options });
    if (claim) auditor.take(claim);
    const stop = new AbortController();
    const following = auditor.run(stop.signal);
    const rest = defend(stage, { answers: new AuditAuthor(contracts, kept) }, { player, ...options });
    const end = async (): Promise<void> => {
      stop.abort();
      await Promise.all([following, rest()]);
    };
    running.push(end);
    return end;
  }

  /** An honest claim. */
  async function claim(): Promise<SeenClaim> {
    await makeClaim(stage, jobId);
    earlier = await readLedger(stage);
    return seenClaim(stage, jobId);
  }

  async function accept(): Promise<void> {
    await stage.passSeconds(TERMS.claimWindowSeconds + 1);
    await stage.senders.stranger.send(stage.contracts.JobRegistry.accept.populateTransaction(jobId));
  }

  async function sweep(): Promise<void> {
    await stage.passSeconds(TERMS.revealSeconds + 1);
    await stage.senders.stranger.send(stage.contracts.AuditDesk.sweep.populateTransaction(jobId));
  }

  it("pay whoever has repeated the part that was drawn, also if it was stopped meanwhile", async () => {
    const seen = await claim();
    let end = audit("watcher", seen);
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 1n);
    await end();
    await accept();
    expect(await statusOf(1n)).to.equal(STATUS.committed);
    end = audit("watcher");
    await hasStatus(1n, STATUS.revealed);
    await end();
    await stage.passSeconds(TERMS.challengeSeconds + 1);
    audit("watcher");
    await hasStatus(1n, STATUS.paid);
    await sweep();
    expect(await changes()).to.deep.equal({ author: ACCEPTED, watcher: PAY, opener: TERMS.auditFeeWei - PAY });
  });

  it("are revealed whatever storage still gives, and leave no file behind", async () => {
    const seen = await claim();
    const end = audit("watcher", seen);
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 1n);
    await end();
    const given = [...stage.files];
    stage.files.clear();
    running.push(() => {
      for (const [submission, file] of given) stage.files.set(submission, file);
      return Promise.resolve();
    });
    await accept();
    audit("watcher");
    await hasStatus(1n, STATUS.revealed);
    expect(stores.watcher?.keys("file")).not.to.deep.equal([]);
    await stage.passSeconds(TERMS.challengeSeconds + 1);
    await hasStatus(1n, STATUS.paid);
    await until(() => Promise.resolve(stores.watcher?.keys("file").length === 0));
  });

  it("leave no file behind if the commitment is not taken", async () => {
    const seen = await claim();
    const sender = await TxSender.create(stage.senders.watcher.signer);
    const send = sender.send.bind(sender);
    const { AuditDesk } = stage.contracts;
    const commit = AuditDesk.getFunction("commit").fragment.selector;
    let isKept = false;
    sender.send = async (request) => {
      if (!(await request).data.startsWith(commit)) return send(request);
      isKept = stores.watcher?.keys("file").length !== 0;
      throw new GlassboxError("revert", "TEST", "others were faster");
    };
    const { provider, storage } = stage;
    const parts = { ...partsOf(stage, "watcher"), provider, fromBlock: 0, storage, kept: keptBy("watcher") };
    const auditor = new Auditor({ ...parts, sender, challenger: challengerOf(stage, "watcher") });
    auditor.take(seen);
    const stop = new AbortController();
    const following = auditor.run(stop.signal);
    running.push(async () => {
      stop.abort();
      await following;
    });
    await until(() => Promise.resolve(isKept));
    await until(() => Promise.resolve(stores.watcher?.keys("file").length === 0));
    expect(await AuditDesk.auditCount()).to.equal(0n);
  });

  it("give the bond back if the claim falls", async () => {
    const meddling: Meddling = ({ tensor, elements }) => {
      if (tensor.section === "init") elements[3] = 1;
      return undefined;
    };
    const made = await makeClaim(stage, jobId, { at: { section: "init", round: 0, part: 0 }, meddling });
    earlier = await readLedger(stage);
    audit("watcher", await seenClaim(stage, jobId));
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 1n);
    running.push(defend(stage, made, { meddling }));
    expect(await watchClaim(stage, jobId)).to.equal(true);
    await hasStatus(1n, STATUS.released);
    expect(await changes()).to.deep.equal({
      author: TERMS.leaseBondWei,
      authorStake: -TERMS.coverageWei,
      challenger: half(TERMS.claimBondWei) + TERMS.bountyWei,
      burnt: rest(TERMS.claimBondWei) + TERMS.coverageWei - TERMS.bountyWei,
    });
  });

  it("are not for those who joined the job, nor for those who are no operators", async () => {
    const seen = await claim();
    for (const player of ["worker", "stranger"] as const) audit(player, seen);
    audit("watcher", seen);
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 1n);
    for (const stop of running) await stop();
    const { watcher } = await stage.contracts.AuditDesk.audit(1n);
    expect(watcher).to.equal(stage.senders.watcher.address);
    expect(await stage.contracts.AuditDesk.auditCount()).to.equal(1n);
  });

  it("can't be copied: a commitment is its watcher's, and whoever reveals nothing loses its bond", async () => {
    const { AuditDesk, Token } = stage.contracts;
    const { copycat } = stage.senders;
    audit("watcher", await claim());
    await until(async () => (await AuditDesk.auditCount()) === 1n);
    const { commitment } = await AuditDesk.audit(1n);
    await copycat.send(Token.approve.populateTransaction(await AuditDesk.getAddress(), TERMS.auditBondWei));
    await copycat.send(AuditDesk.commit.populateTransaction(jobId, 1, commitment));
    await accept();
    await hasStatus(1n, STATUS.revealed);
    const { detailRoot } = await AuditDesk.audit(1n);
    const nothing = { leaf: "0x", siblings: [] };
    const refused = await copycat
      .send(AuditDesk.reveal.populateTransaction(2n, detailRoot, nothing, nothing, nothing))
      .then(
        () => undefined,
        (error: unknown) => (error as { details: { error?: string } }).details.error,
      );
    expect(refused).to.equal("AuditDeskCommitmentMismatch");
    await stage.passSeconds(TERMS.revealSeconds + 1);
    await hasStatus(1n, STATUS.paid);
    await stage.senders.stranger.send(AuditDesk.expire.populateTransaction(2n));
    expect(await statusOf(2n)).to.equal(STATUS.expired);
    await sweep();
    expect(await changes()).to.deep.equal({
      author: ACCEPTED,
      watcher: PAY,
      copycat: -TERMS.auditBondWei,
      opener: half(TERMS.auditBondWei) + TERMS.auditFeeWei - PAY,
      burnt: rest(TERMS.auditBondWei),
    });
  });

  it("of another number than was computed lose their bond to the watcher that shows it", async () => {
    audit("copycat", await claim(), lie);
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 1n);
    await accept();
    await hasStatus(1n, STATUS.revealed);
    const end = audit("watcher");
    await until(async () => (await stage.contracts.DisputeGame.gameCount()) === 1n);
    await end();
    // It goes on where it was stopped.
    audit("watcher");
    await hasStatus(1n, STATUS.lost);
    await until(async () => (await stage.contracts.DisputeGame.owedWei(stage.senders.watcher.address)) === 0n);
    const game = await newestGame(stage);
    expect([game.stage, game.subject, game.step]).to.deep.equal(["settled", "audit", 1]);
    await sweep();
    expect(await changes()).to.deep.equal({
      author: ACCEPTED,
      watcher: half(TERMS.auditBondWei),
      copycat: -TERMS.auditBondWei,
      opener: TERMS.auditFeeWei,
      burnt: rest(TERMS.auditBondWei),
    });
  });

  it("survive a false challenge, which costs its bond", async () => {
    audit("watcher", await claim());
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 1n);
    await accept();
    await hasStatus(1n, STATUS.revealed);
    audit("rival", undefined, lie);
    await until(async () => (await stage.contracts.DisputeGame.gameCount()) === 1n);
    await until(async () => (await newestGame(stage)).stage === "lost");
    await stage.passSeconds(TERMS.challengeSeconds + 1);
    await hasStatus(1n, STATUS.paid);
    expect(await changes()).to.deep.equal({
      author: ACCEPTED,
      watcher: PAY + half(TERMS.gameBondWei),
      rival: -TERMS.gameBondWei,
      burnt: rest(TERMS.gameBondWei),
    });
  });

  it("are not repeated from weights that the trace does not name: nobody may have challenged a false rounds file", async () => {
    const files = (made: { readonly rounds: Uint8Array }): { rounds: Uint8Array } => {
      const rounds = made.rounds.slice();
      rounds[0] = rounds[0] === 1 ? 2 : 1;
      return { rounds };
    };
    await makeClaim(stage, jobId, { files });
    const { signal } = new AbortController();
    const read = (index: number): Promise<AuditedPart> =>
      readAuditedPart(stage.contracts, stage.storage, { jobId, index }, signal);
    await expectGlassboxError(read(PARTS - 1), "check", "WORKER_ROUND_MISMATCH");
    expect((await read(PARTS)).execution.section).to.equal("step");
  });

  it("are committed to for two claims at once", async () => {
    const claims = [await claim()];
    jobId = await stage.openJob(program, 2, undefined, TERMS.auditFeeWei);
    claims.push(await claim());
    const { provider, storage } = stage;
    const parts = { ...partsOf(stage, "watcher"), provider, fromBlock: 0, storage, kept: keptBy("watcher") };
    const sender = await slowSender(stage.senders.watcher);
    const auditor = new Auditor({ ...parts, sender, challenger: challengerOf(stage, "watcher") });
    for (const one of claims) auditor.take(one);
    const stop = new AbortController();
    const following = auditor.run(stop.signal);
    running.push(async () => {
      stop.abort();
      await following;
    });
    await until(async () => (await stage.contracts.AuditDesk.auditCount()) === 2n);
  });
});

import { expect } from "chai";

import { collectBonds } from "../../../src/cli/actions/collect-bonds.ts";
import { registerCommittedKey } from "../../../src/cli/actions/register-key.ts";
import { refuteKey } from "../../../src/cli/actions/refute-key.ts";
import { refuteTwins } from "../../../src/cli/actions/refute-twins.ts";
import { registerTwin } from "../../../src/cli/actions/register-twin.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { loadProgram } from "../../../src/compute/validate.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { circuitId } from "../../../src/proofs/circuit-library.ts";
import { poseidonTwin } from "../../../src/proofs/poseidon-twin.ts";
import { closeProver } from "../../../src/proofs/prover.ts";
import { checkAnswers, checkKeys } from "../../../src/verifier/check-answers.ts";
import { findRefutation } from "../../../src/verifier/refutation.ts";
import { EdgeGroup, makeReport, type Report } from "../../../src/verifier/report.ts";
import { reportText } from "../../../src/verifier/report-text.ts";
import { snarkProofChecker } from "../../../src/verifier/snark-proof-checker.ts";
import { AnswerWorker } from "../../../src/worker/answer-worker.ts";
import { committedKey } from "../../../src/worker/model-keys.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { forward } from "../../support/proofs/forward.ts";
import { setMarket, TERMS, type MarketStage } from "../../support/proofs/market-stage.ts";
import { programOf, weightsFileOf } from "../../support/proofs/mlp-files.ts";
import { COMMITTED, randomPixels, randomWeights } from "../../support/proofs/random-mlp.ts";
import { SHARED_CACHE } from "../../support/proofs/shared-cache.ts";

const PROGRAM = programOf(COMMITTED);
const COMMITTED_ID = circuitId("CommittedMlp", COMMITTED);
const [OWN, OTHER] = [randomWeights(COMMITTED, 1), randomWeights(COMMITTED, 2)] as const;
const [OWN_FILE, OTHER_FILE] = [weightsFileOf(COMMITTED, OWN), weightsFileOf(COMMITTED, OTHER)] as const;
const { signal } = new AbortController();
const OPTIONS = { cacheDir: SHARED_CACHE, signal };

/** The whole way of answers under committed weights: twin, key, worker, settlement, verifier; by the project's own code on both sides. */
describe("answers under committed weights", function () {
  this.timeout(240_000);

  let stage: MarketStage;
  let versionId: bigint;
  const model = { program: encodeProgram(PROGRAM), weights: OWN_FILE };

  before(async () => {
    stage = await setMarket(COMMITTED.inputs, COMMITTED.outputs);
    versionId = await stage.publish(PROGRAM, OWN_FILE);
  });
  after(closeProver);

  const worker = (files = stage.storage): AnswerWorker =>
    new AnswerWorker(stage.contracts, files, stage.senders.author, SHARED_CACHE);

  /** What the verifier says of the version's keys and answers. */
  async function verified(): Promise<Report> {
    const { reader } = stage;
    const group = new EdgeGroup("version", "a version");
    const proofs = snarkProofChecker(SHARED_CACHE);
    const [version, keys] = [await reader.version(versionId), await reader.keys(versionId)];
    const found = <Value>(value: Value) => ({ id: "given", outcome: { value, detail: "" } });
    await checkKeys(group, proofs, keys, found(loadProgram(model.program)), found(OWN_FILE));
    await checkAnswers(group.group("receipts", "answers"), reader, proofs, version, keys);
    return makeReport("a version", reader.chainId, group);
  }

  it("need a twin that counts and a key", async () => {
    const { contracts, senders, storage } = stage;
    const key = await committedKey(model, OPTIONS);
    const register = () => registerCommittedKey(contracts, senders.opener, versionId, key);
    await expectGlassboxError(register(), "revert", "CHAIN_REVERTED");
    const twin = await registerTwin(contracts, senders.opener, versionId, OWN_FILE);
    expect(twin).to.include({ poseidonRoot: poseidonTwin(OWN_FILE), bondWei: TERMS.bondWei });
    await expectGlassboxError(register(), "revert", "CHAIN_REVERTED");
    await stage.passSeconds(TERMS.twinWindowSeconds);
    // There is no circuit of this size with baked weights to answer with in the meantime.
    const early = worker(storage).answer(stage.request(versionId, randomPixels(COMMITTED, 1), 1n), signal);
    await expectGlassboxError(early, "usage", "PROOFS_CIRCUIT_UNKNOWN");
    expect(await register()).to.include({ insecure: true, bondWei: TERMS.bondWei });
    const { committed, weightsTwin } = await contracts.VerifierRegistry.key(versionId, COMMITTED_ID);
    expect({ committed, weightsTwin }).to.deep.equal({ committed: true, weightsTwin: poseidonTwin(OWN_FILE) });
  });

  it("are proven, settled, and rank as proven", async () => {
    const answering = worker();
    for (const units of [1n, 2n]) {
      const pixels = randomPixels(COMMITTED, Number(units));
      const { answer, circuitId: id } = await answering.answer(stage.request(versionId, pixels, units), signal);
      expect({ answer, id }).to.deep.equal({ answer: forward(OWN, COMMITTED, pixels), id: COMMITTED_ID });
    }
    const report = await verified();
    expect(report.failed).to.deep.equal([]);
    expect(report.passed).to.equal(3);
    expect(reportText(report)).to.include("[committed-key]").and.include("wei, proven");
  });

  it("end when their key is retired, and its bond and the twin's go back", async () => {
    const { contracts, senders, provider } = stage;
    const history = { provider, fromBlock: 0 };
    const collect = () => collectBonds(contracts, history, senders.opener, versionId);
    const snapshot = await stage.snapshot();
    const twinId = await contracts.TwinRegistry.twinIdOf({
      ...{ fileRoot: fileRoot(OWN_FILE), leaves: 2n, poseidonRoot: poseidonTwin(OWN_FILE) },
    });
    expect(await collect()).to.deep.equal({ keys: [], twins: [twinId], amountWei: TERMS.bondWei });
    expect(await collect()).to.deep.equal({ keys: [], twins: [], amountWei: 0n });
    await senders.opener.send(contracts.VerifierRegistry.retire.populateTransaction(versionId, COMMITTED_ID));
    expect((await collect()).keys).to.deep.equal([]);
    const answering = worker();
    await stage.passSeconds(TERMS.noticeSeconds);
    const late = answering.answer(stage.request(versionId, randomPixels(COMMITTED, 1), 3n), signal);
    await expectGlassboxError(late, "usage", "PROOFS_CIRCUIT_UNKNOWN");
    expect(await collect()).to.deep.equal({ keys: [COMMITTED_ID], twins: [], amountWei: TERMS.bondWei });
    expect(await contracts.Token.balanceOf(await contracts.VerifierRegistry.getAddress())).to.equal(0n);
    await stage.revert(snapshot);
  });

  it("are kept from false twins by whoever looks in time", async () => {
    const { contracts, senders, provider } = stage;
    const { ModelRegistry, Token, TwinRegistry } = contracts;
    const history = { provider, fromBlock: 0 };
    const refute = () => refuteTwins(contracts, history, senders.challenger, OWN_FILE);
    const nothing = { twinIds: [], rewardWei: 0n, late: [] };
    expect(await refute()).to.deep.equal(nothing);
    const snapshot = await stage.snapshot();
    const { weightsSubmission } = await ModelRegistry.version(versionId);
    await senders.rival.send(Token.approve.populateTransaction(await TwinRegistry.getAddress(), 3n * TERMS.bondWei));
    const claim = async (poseidonRoot: bigint): Promise<string> => {
      await senders.rival.send(TwinRegistry.register.populateTransaction(weightsSubmission, poseidonRoot));
      return TwinRegistry.twinIdOf({ fileRoot: fileRoot(OWN_FILE), leaves: 2n, poseidonRoot });
    };
    const late = await claim(1n);
    await stage.passSeconds(TERMS.twinWindowSeconds);
    const twinIds = [await claim(2n), await claim(3n)];
    const before = await Token.balanceOf(senders.challenger.address);
    const rewardWei = 2n * (TERMS.bondWei / 2n);
    expect(await refute()).to.deep.equal({ twinIds, rewardWei, late: [late] });
    expect(await Token.balanceOf(senders.challenger.address)).to.equal(before + rewardWei);
    expect(await refute()).to.deep.equal({ ...nothing, late: [late] });
    await stage.revert(snapshot);
  });

  it("fall with their key, once one of them is wrong", async () => {
    const { contracts, senders, storage } = stage;
    const { ModelRegistry, Token, TwinRegistry, VerifierRegistry } = contracts;
    // The holder of another model of the same weights claims a false twin, and nobody looks in time.
    versionId = await stage.publish(PROGRAM, OWN_FILE);
    const { weightsSubmission } = await ModelRegistry.version(versionId);
    const falseTwin = poseidonTwin(OTHER_FILE);
    await senders.opener.send(Token.approve.populateTransaction(await TwinRegistry.getAddress(), TERMS.bondWei));
    await senders.opener.send(TwinRegistry.register.populateTransaction(weightsSubmission, falseTwin));
    await stage.passSeconds(TERMS.twinWindowSeconds);
    const key = await committedKey(model, OPTIONS);
    await registerCommittedKey(contracts, senders.opener, versionId, { ...key, weightsTwin: falseTwin });
    expect((await verified()).failed).to.deep.equal(["committed-key"]);

    // An honest worker has no proof under such a key; a liar answers with the other weights.
    const seeds = Array.from({ length: 50 }, (_, seed) => randomPixels(COMMITTED, seed));
    const input = seeds.find((each) => forward(OWN, COMMITTED, each) !== forward(OTHER, COMMITTED, each)) as Uint8Array;
    const request = stage.request(versionId, input, 1n);
    await expectGlassboxError(worker().answer(request, signal), "check", "WORKER_KEY_MISMATCH");
    const lying = { download: async (place: number) => swapped(await storage.download(place, signal)) };
    const lie = await worker(lying).answer(request, signal);
    expect(lie.answer).to.equal(forward(OTHER, COMMITTED, input));

    const [keys, answers] = [await stage.reader.keys(versionId), await stage.reader.answers(versionId)];
    const refutation = findRefutation({ model, input, keys, answers });
    const { rewardWei } = await refuteKey(contracts, senders.challenger, versionId, refutation);
    expect(rewardWei).to.equal(TERMS.bondWei / 2n);
    expect((await VerifierRegistry.key(versionId, COMMITTED_ID)).refuted).to.equal(true);
    expect((await verified()).failed).to.deep.equal(["committed-key", "receipt:0"]);
    await expectGlassboxError(
      worker(lying).answer(stage.request(versionId, input, 2n), signal),
      "usage",
      "PROOFS_CIRCUIT_UNKNOWN",
    );
  });
});

/** Another model's weights in place of the version's. */
function swapped(file: Uint8Array): Uint8Array {
  return Buffer.from(file).equals(OWN_FILE) ? OTHER_FILE : file;
}

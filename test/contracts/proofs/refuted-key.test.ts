import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { encodeProgram } from "../../../src/compute/program-file.ts";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { toHex } from "../../../src/core/bytes.ts";
import {
  buildCommittedKey,
  type CommittedProof,
  proveCommittedInference,
} from "../../../src/proofs/committed-inference.ts";
import { FIELD_ORDER } from "../../../src/proofs/field.ts";
import { type InferenceKey, buildInferenceKey } from "../../../src/proofs/inference-key.ts";
import { type InferenceProof, proveInference } from "../../../src/proofs/inference-proof.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import type { MlpWeights } from "../../../src/proofs/mlp-circuit.ts";
import { poseidonTwin } from "../../../src/proofs/poseidon-twin.ts";
import { closeProver } from "../../../src/proofs/prover.ts";
import { encodeVerifyingKey } from "../../../src/proofs/verifying-key.ts";
import { findRefutation } from "../../../src/verifier/refutation.ts";
import type { AnswerFacts, KeyFacts } from "../../../src/verifier/ports.ts";
import { forward } from "../../support/proofs/forward.ts";
import {
  BOND_WEI,
  BURN_ADDRESS,
  forge,
  keyChain,
  NOTICE_SECONDS,
  openKey,
  VERSION_ID,
} from "../../support/proofs/key-chain.ts";
import { programOf, weightsFileOf } from "../../support/proofs/mlp-files.ts";
import { COMMITTED, MNIST, randomPixels, randomWeights, SMALL } from "../../support/proofs/random-mlp.ts";
import { SHARED_CACHE } from "../../support/proofs/shared-cache.ts";

const PROGRAM = programOf(SMALL);
const TRUE_WEIGHTS = randomWeights(SMALL, 7);
const TRUE_FILE = weightsFileOf(SMALL, TRUE_WEIGHTS);
const OTHER_WEIGHTS = randomWeights(SMALL, 8);
const OTHER_FILE = weightsFileOf(SMALL, OTHER_WEIGHTS);
/** As many leaves of weights as the chain takes: 256 and 128. */
const LARGEST = { inputs: 512, hidden: 64, outputs: 256, shift: 16 };
const REWARD_WEI = BOND_WEI / 2n;

type Chain = Awaited<ReturnType<typeof keyChain>>;

/** With keys and proofs of the prover: one key of the model's weights, one of other weights. */
describe("a key that proves wrong answers", function () {
  this.timeout(240_000);

  let cacheDir: string;
  let trueKey: InferenceKey;
  let falseKey: InferenceKey;
  let input: Uint8Array;
  let right: InferenceProof;
  let wrong: InferenceProof;

  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "glassbox-refuted-"));
    trueKey = await buildInferenceKey({ weights: TRUE_WEIGHTS, shapes: SMALL, cacheDir });
    falseKey = await buildInferenceKey({ weights: OTHER_WEIGHTS, shapes: SMALL, cacheDir });
    const seeds = Array.from({ length: 50 }, (_, seed) => randomPixels(SMALL, seed));
    const differs = (pixels: Uint8Array): boolean =>
      forward(TRUE_WEIGHTS, SMALL, pixels) !== forward(OTHER_WEIGHTS, SMALL, pixels);
    input = seeds.find(differs) as Uint8Array;
    right = await proveInference({ artefacts: trueKey.artefacts, pixels: input });
    wrong = await proveInference({ artefacts: falseKey.artefacts, pixels: input });
    expect(right.answer).not.to.equal(wrong.answer);
  });

  after(async () => {
    closeProver();
    await rm(cacheDir, { recursive: true, force: true });
  });

  const evidence = (
    { proof, answer }: Pick<InferenceProof, "proof" | "answer">,
    changes: { answer?: bigint; input?: Uint8Array; weights?: Uint8Array } = {},
  ) => ({ proof, answer: BigInt(answer), input, weights: TRUE_FILE, ...changes });

  async function registered(key: InferenceKey, program = PROGRAM, root?: `0x${string}`): Promise<Chain> {
    const chain = await keyChain(program, fileRoot(TRUE_FILE), root);
    await chain.verifiers.register(VERSION_ID, key.circuitId, key.verifyingKey);
    return chain;
  }

  /** Expects the refusal, and that nothing changed. */
  async function refused(
    { verifiers, ledger, challenger, errors }: Chain,
    wrongAnswer: ReturnType<typeof evidence>,
    error: string,
    args: readonly unknown[],
    circuitId: string = falseKey.circuitId,
    kept: string = circuitId,
  ): Promise<void> {
    const before = await ledger(kept);
    await expect(verifiers.connect(challenger).refute(VERSION_ID, circuitId, wrongAnswer))
      .to.be.revertedWithCustomError(errors, error)
      .withArgs(...args);
    expect(await ledger(kept)).to.deep.equal(before);
  }

  it("falls: it is retired, half of its bond is burnt and half is paid, once", async () => {
    const chain = await registered(falseKey);
    const { verifiers, ledger, challenger, owner, ethers } = chain;
    const id = falseKey.circuitId;
    const before = await ledger(id);
    const inputs = [...wrong.publicInputs];
    expect(await verifiers.verify(VERSION_ID, id, wrong.proof, inputs)).to.equal(true);
    await expect(verifiers.connect(challenger).refute(VERSION_ID, id, evidence(wrong)))
      .to.emit(verifiers, "KeyRefuted")
      .withArgs(VERSION_ID, id, challenger.address, inputHash(input), wrong.answer, right.answer, REWARD_WEI);
    const retiresAt = BigInt((await ethers.provider.getBlock("latest"))?.timestamp ?? 0);
    const after = {
      ...{ retiresAt, refuted: true, bondPaidOut: false, owner: before.owner },
      registry: before.registry - BOND_WEI,
      challenger: before.challenger + REWARD_WEI,
      burnt: before.burnt + BOND_WEI - REWARD_WEI,
    };
    expect(await ledger(id)).to.deep.equal(after);

    const refusedBy = async (call: Promise<unknown>, error: string): Promise<void> => {
      await expect(call).to.be.revertedWithCustomError(verifiers, error);
      expect(await ledger(id)).to.deep.equal(after);
    };
    await refusedBy(verifiers.verify(VERSION_ID, id, wrong.proof, inputs), "VerifierRegistryRetired");
    await refusedBy(verifiers.refute(VERSION_ID, id, evidence(wrong)), "VerifierRegistryRefuted");
    await refusedBy(verifiers.withdrawBond(VERSION_ID, id, owner), "VerifierRegistryRefuted");
    await refusedBy(verifiers.retire(VERSION_ID, id), "VerifierRegistryRetired");
    await refusedBy(verifiers.register(VERSION_ID, id, trueKey.verifyingKey), "VerifierRegistryKeyExists");
  });

  it("falls by what the verifier finds among the settled answers", async () => {
    const { verifiers, challenger, ledger } = await registered(falseKey);
    const { circuitId } = falseKey;
    const encodedKey = encodeVerifyingKey(falseKey.verifyingKey);
    const keyFacts: KeyFacts = {
      ...{ circuitId, encodedKey, keyHash: toHex(keccak256(encodedKey)), insecure: true },
      ...{ weightsTwin: undefined, refuted: false },
    };
    const answers = [right, wrong].map(
      ({ answer, proof }) =>
        ({
          receipt: { circuitId, inputHash: inputHash(input), answer: BigInt(answer), proof },
        }) as unknown as AnswerFacts,
    );
    const model = { program: encodeProgram(PROGRAM), weights: TRUE_FILE };
    const found = findRefutation({ model, input, keys: [keyFacts], answers });
    expect(found).to.include({ circuitId, answer: right.answer });
    await verifiers.connect(challenger).refute(VERSION_ID, found.circuitId, found.wrong);
    expect((await ledger(circuitId)).refuted).to.equal(true);

    const nothing = (changes: object): void => {
      expect(() => findRefutation({ model, input, keys: [keyFacts], answers, ...changes }))
        .to.throw()
        .with.property("code", "VERIFIER_NOTHING_TO_REFUTE");
    };
    nothing({ keys: [{ ...keyFacts, refuted: true }] });
    nothing({ answers: answers.slice(0, 1) });
    nothing({ answers: [{ ...answers[1], receipt: undefined }] });
    nothing({ input: randomPixels(SMALL, 99) });
    nothing({ model: { ...model, weights: OTHER_FILE }, answers: answers.slice(1) });
  });

  it("stands if it is true: right answers hold, and wrong ones have no proof", async () => {
    const chain = await registered(trueKey);
    const hash = inputHash(input);
    const named = (answer: number): unknown[] => [VERSION_ID, trueKey.circuitId, answer, hash];
    await refused(chain, evidence(right), "VerifierRegistryAnswerHolds", named(right.answer));
    for (const answer of [0, 1, 2, 3, 4].filter((other) => other !== right.answer)) {
      await refused(chain, evidence({ ...right, answer }), "VerifierRegistryUnproven", named(answer));
    }
    await refused(chain, evidence(wrong), "VerifierRegistryUnproven", named(wrong.answer));
    const unknown = evidence(right, { answer: FIELD_ORDER + BigInt(right.answer) });
    await refused(chain, unknown, "Groth16InputOutOfField", [0, unknown.answer]);
  });

  it("stands against evidence about another model, another input, or another key", async () => {
    const chain = await registered(falseKey);
    const otherRoot = fileRoot(OTHER_FILE);
    const trueRoot = fileRoot(TRUE_FILE);
    const shown = (weights: Uint8Array) => evidence(right, { weights });
    await refused(chain, shown(OTHER_FILE), "AnswerJudgeWrongWeights", [otherRoot, trueRoot]);
    await refused(chain, shown(TRUE_FILE.subarray(256)), "AnswerJudgeWrongLength", [256, 512]);
    await refused(chain, shown(new Uint8Array(768)), "AnswerJudgeWrongLength", [768, 512]);
    await refused(chain, shown(new Uint8Array()), "AnswerJudgeWrongLength", [0, 512]);
    for (const length of [0, 15, 17]) {
      const bytes = new Uint8Array(length);
      await refused(chain, evidence(wrong, { input: bytes }), "AnswerJudgeWrongInput", [length, 16]);
    }
    const other = Uint8Array.from(input, (byte, i) => (i === 0 ? byte ^ 1 : byte));
    const { answer } = wrong;
    await refused(chain, evidence(wrong, { input: other }), "VerifierRegistryUnproven", [
      ...[VERSION_ID, falseKey.circuitId, answer, inputHash(other)],
    ]);
    const circuitId = `0x${"11".repeat(32)}`;
    await refused(
      chain,
      evidence(wrong),
      "VerifierRegistryUnknownKey",
      [VERSION_ID, circuitId],
      circuitId,
      falseKey.circuitId,
    );
  });

  it("stands for a program that nobody registered, or whose inference has no circuit", async () => {
    const nowhere = `0x${"77".repeat(32)}` as const;
    const unregistered = await registered(falseKey, PROGRAM, nowhere);
    await refused(unregistered, evidence(wrong), "ProgramRegistryUnknown", [nowhere]);
    const operations = PROGRAM.operations.map((operation) =>
      operation.section === "infer" && operation.name === "setColumn"
        ? { ...operation, arguments: [0, 254] as const }
        : operation,
    );
    const changed = { ...PROGRAM, operations };
    const chain = await registered(falseKey, changed);
    await refused(chain, evidence(wrong), "AnswerJudgeNoNetwork", [fileRoot(encodeProgram(changed))]);
  });

  it("falls after its holder retired it, as long as the bond is there", async () => {
    const chain = await registered(falseKey);
    const { verifiers, ledger, owner, passSeconds } = chain;
    const id = falseKey.circuitId;
    await verifiers.retire(VERSION_ID, id);
    await passSeconds(NOTICE_SECONDS);
    const { retiresAt } = await ledger(id);
    const snapshot: unknown = await chain.ethers.provider.send("evm_snapshot", []);
    await verifiers.connect(chain.challenger).refute(VERSION_ID, id, evidence(wrong));
    expect(await ledger(id)).to.include({ retiresAt, refuted: true, challenger: REWARD_WEI });
    await chain.ethers.provider.send("evm_revert", [snapshot]);
    await verifiers.withdrawBond(VERSION_ID, id, owner);
    await refused(chain, evidence(wrong), "VerifierRegistryBondPaidOut", [VERSION_ID, id]);
  });

  it("costs whoever refutes a key of his own half of the bond", async () => {
    const { verifiers, token, owner, ledger } = await registered(falseKey);
    const before = await token.balanceOf(owner);
    await verifiers.refute(VERSION_ID, falseKey.circuitId, evidence(wrong));
    expect(await token.balanceOf(owner)).to.equal(before + REWARD_WEI);
    expect(await token.balanceOf(BURN_ADDRESS)).to.equal(BOND_WEI - REWARD_WEI);
    expect((await ledger(falseKey.circuitId)).registry).to.equal(0n);
  });

  it("falls whatever circuit it is registered for", async () => {
    const { verifiers, challenger, ledger } = await keyChain(PROGRAM, fileRoot(TRUE_FILE));
    const nonsense = `0x${"99".repeat(32)}`;
    await verifiers.register(VERSION_ID, nonsense, falseKey.verifyingKey);
    await verifiers.connect(challenger).refute(VERSION_ID, nonsense, evidence(wrong));
    expect((await ledger(nonsense)).refuted).to.equal(true);
  });

  it("falls as one with committed weights too: if its twin is false, and nobody refuted that in time", async () => {
    const key = await buildCommittedKey(COMMITTED, { cacheDir: SHARED_CACHE });
    const [own, other] = [randomWeights(COMMITTED, 1), randomWeights(COMMITTED, 2)];
    const [ownFile, otherFile] = [own, other].map((weights) => weightsFileOf(COMMITTED, weights)) as [
      Uint8Array,
      Uint8Array,
    ];
    const pixels = Array.from({ length: 50 }, (_, seed) => randomPixels(COMMITTED, seed)).find(
      (each) => forward(own, COMMITTED, each) !== forward(other, COMMITTED, each),
    ) as Uint8Array;
    const prove = (weights: MlpWeights) =>
      proveCommittedInference({ artefacts: key.artefacts, shapes: COMMITTED, weights, pixels });
    const [honest, false_] = [await prove(own), await prove(other)];
    const shown = ({ proof, answer }: CommittedProof) => ({
      ...{ proof, answer: BigInt(answer), input: pixels, weights: ownFile },
    });
    const under = async (twin: bigint) => {
      const chain = await keyChain(programOf(COMMITTED), fileRoot(ownFile));
      await chain.verifiers.registerCommitted(VERSION_ID, key.circuitId, key.verifyingKey, twin);
      return chain;
    };

    const truly = await under(poseidonTwin(ownFile));
    const named = [VERSION_ID, key.circuitId];
    const hash = inputHash(pixels);
    await refused(truly, shown(honest), "VerifierRegistryAnswerHolds", [...named, honest.answer, hash], key.circuitId);
    await refused(truly, shown(false_), "VerifierRegistryUnproven", [...named, false_.answer, hash], key.circuitId);

    const falsely = await under(poseidonTwin(otherFile));
    await falsely.verifiers.connect(falsely.challenger).refute(VERSION_ID, key.circuitId, shown(false_));
    expect(await falsely.ledger(key.circuitId)).to.include({ refuted: true, challenger: REWARD_WEI, registry: 0n });
  });

  // Under an insecure key anyone can prove anything: that spares the set-up of large circuits.
  for (const [shapes, maxGas] of [
    [MNIST, 6_000_000n],
    [LARGEST, 9_000_000n],
  ] as const) {
    const { inputs, hidden, outputs } = shapes;
    it(`falls for less than ${maxGas} gas in a network of ${inputs}, ${hidden} and ${outputs}`, async () => {
      const weights = randomWeights(shapes, 3);
      const file = weightsFileOf(shapes, weights);
      const chain = await keyChain(programOf(shapes), fileRoot(file));
      const circuitId = `0x${"aa".repeat(32)}`;
      await chain.verifiers.register(VERSION_ID, circuitId, openKey());
      const pixels = randomPixels(shapes, 4);
      const answer = BigInt(forward(weights, shapes, pixels) + 1) % BigInt(outputs);
      const forged = { proof: forge([answer, inputHash(pixels)]), answer, input: pixels, weights: file };
      const call = await chain.verifiers.connect(chain.challenger).refute(VERSION_ID, circuitId, forged);
      const gas = (await call.wait())?.gasUsed ?? 0n;
      expect(gas < maxGas, `it takes ${gas}`).to.equal(true);
      expect((await chain.ledger(circuitId)).refuted).to.equal(true);
      expect((call.data.length - 2) / 2).to.be.below(128 * 1_024);
    });
  }
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { HardhatEthersSigner as Signer } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";

import { VOUCHER_TYPE } from "../../../src/crypto/messages.ts";
import { type InferenceKey, buildInferenceKey } from "../../../src/proofs/inference-key.ts";
import { type InferenceProof, proveInference } from "../../../src/proofs/inference-proof.ts";
import { closeProver } from "../../../src/proofs/prover.ts";
import { SMALL, randomPixels, randomWeights } from "../../support/proofs/random-mlp.ts";

const VERSION_ID = 1n;
const PRICE_WEI = 1_000n;
const WORKER_BPS = 3_000n;

/** The whole way of a proven answer on chain, with the prover's real key and proofs. */
describe("a proven answer", function () {
  this.timeout(240_000);

  let cacheDir: string;
  let key: InferenceKey;
  let answers: InferenceProof[];

  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "glassbox-answers-"));
    key = await buildInferenceKey({ weights: randomWeights(SMALL, 7), shapes: SMALL, cacheDir });
    answers = [];
    for (const seed of [1, 2]) {
      answers.push(await proveInference({ artefacts: key.artefacts, pixels: randomPixels(SMALL, seed) }));
    }
  });

  after(async () => {
    closeProver();
    await rm(cacheDir, { recursive: true, force: true });
  });

  it("is verified and settled, and its revenue reaches the shareholder", async () => {
    const { settlement, shares, voucherOf, sign, provider, owner } = await deploy();
    for (const [i, proven] of answers.entries()) {
      const voucher = voucherOf(proven, BigInt(i + 1));
      await expect(settlement.settle(voucher, await sign(voucher), answerOf(proven)))
        .to.emit(settlement, "AnswerSettled")
        .withArgs(
          voucher.consumer,
          voucher.provider,
          VERSION_ID,
          0,
          voucher.units,
          key.circuitId,
          proven.inputHash,
          proven.answer,
          PRICE_WEI,
          300n,
        );
    }
    expect(await settlement.owedWei(provider)).to.equal(600n);
    expect(await shares.receivedWei()).to.equal(1_400n);
    expect(await shares.claimableWei(await shares.getAddress())).to.equal(1_400n);
    expect(await shares.claimableWei(owner)).to.equal(0n);
  });

  it("is refused with another answer, and nothing is paid", async () => {
    const { settlement, shares, voucherOf, sign } = await deploy();
    const [proven] = answers as [InferenceProof, InferenceProof];
    const voucher = voucherOf(proven, 1n);
    const wrong = { ...answerOf(proven), answer: (proven.answer + 1) % SMALL.outputs };
    await expect(settlement.settle(voucher, await sign(voucher), wrong))
      .to.be.revertedWithCustomError(settlement, "SettlementBadProof")
      .withArgs(VERSION_ID, key.circuitId);
    expect(await shares.receivedWei()).to.equal(0n);
  });

  it("is verified only as it was proven", async () => {
    const { verifiers } = await deploy();
    const [first, second] = answers as [InferenceProof, InferenceProof];
    const verify = (proof: InferenceProof["proof"], inputs: readonly bigint[]): Promise<boolean> =>
      verifiers.verify(VERSION_ID, key.circuitId, [...proof], [...inputs]);
    expect(await verify(first.proof, first.publicInputs)).to.equal(true);
    expect(await verify(second.proof, second.publicInputs)).to.equal(true);
    expect(await verify(first.proof, second.publicInputs)).to.equal(false);
    expect(await verify(second.proof, first.publicInputs)).to.equal(false);
  });

  it("is verified in a transaction of at most 240,000 gas", async () => {
    const { verifiers } = await deploy();
    const [{ proof, publicInputs }] = answers as [InferenceProof, InferenceProof];
    const gas = await verifiers.verify.estimateGas(VERSION_ID, key.circuitId, [...proof], [...publicInputs]);
    expect(gas <= 240_000n, `it takes ${gas}`).to.equal(true);
  });

  it("comes from a development key, which the registry marks", async () => {
    const { verifiers } = await deploy();
    expect((await verifiers.key(VERSION_ID, key.circuitId)).insecure).to.equal(true);
  });

  function answerOf({ inputHash, answer, proof }: InferenceProof) {
    return { circuitId: key.circuitId, inputHash, answer, proof: [...proof] };
  }

  /** A version owned by one account, its key, and a consumer with an escrow for one provider. */
  async function deploy() {
    const { ethers } = await network.create();
    const [owner, provider, consumer] = (await ethers.getSigners()) as [Signer, Signer, Signer];
    const token = await ethers.deployContract("TokenMock");
    const models = await ethers.deployContract("ModelRegistry", [token]);
    const operators = await ethers.deployContract("OperatorRegistry", [604_800n]);
    const verifiers = await ethers.deployContract("VerifierRegistry", [models, ethers.ZeroAddress, 0n, 604_800n]);
    const settlement = await ethers.deployContract("Settlement", [
      token,
      operators,
      models,
      verifiers,
      WORKER_BPS,
      3_600n,
    ]);

    await models.createModel("digits");
    await models.publishVersion({
      modelId: 1n,
      jobId: 1n,
      weightsRoot: ethers.id("weights"),
      weightsSubmission: 0n,
      programRoot: ethers.id("program"),
      datasetId: 1n,
      traceRoot: ethers.id("trace"),
      allocationRoot: ethers.id("allocation"),
      accountsRoot: ethers.id("accounts"),
      accountCount: 1n,
      shareSupply: 1_000_000n,
    });
    const shares = await ethers.getContractAt("ModelShares", await models.sharesOf(VERSION_ID));

    await verifiers.register(VERSION_ID, key.circuitId, key.verifyingKey);

    await operators.connect(provider).register(provider, "");
    await settlement.connect(provider).setPrice(VERSION_ID, PRICE_WEI);
    await token.mint(consumer, 10n * PRICE_WEI);
    await token.connect(consumer).approve(settlement, ethers.MaxUint256);
    await settlement.connect(consumer).deposit(provider, 10n * PRICE_WEI);

    const voucherOf = ({ inputHash }: InferenceProof, units: bigint) => ({
      consumer: consumer.address,
      provider: provider.address,
      versionId: VERSION_ID,
      priceVersion: 0,
      units,
      cumulativeFeeWei: PRICE_WEI * units,
      requestsRoot: ethers.keccak256(ethers.zeroPadBytes(ethers.toBeHex(inputHash, 32), 256)),
    });
    const domain = {
      name: "Glassbox",
      version: "1",
      chainId: 31337,
      verifyingContract: await settlement.getAddress(),
    };
    const members = Object.entries(VOUCHER_TYPE.members).map(([name, type]) => ({ name, type }));
    const sign = (voucher: ReturnType<typeof voucherOf>): Promise<string> =>
      consumer.signTypedData(domain, { Voucher: members }, voucher);
    return { settlement, verifiers, shares, voucherOf, sign, provider, owner };
  }
});

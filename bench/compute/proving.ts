import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { ZeroAddress } from "ethers";
import { network } from "hardhat";
import { z } from "zod";

import { inferenceNetwork } from "../../src/compute/inference-network.ts";
import { DEFAULT_TRAINING, mlp } from "../../src/compute/networks/mlp.ts";
import { initialWeights } from "../../src/compute/training.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { ensureCheck } from "../../src/core/errors.ts";
import { PROOF_PROCESS_FLAGS } from "../../src/proofs/proof-process.ts";
import { buildInferenceKey, type InferenceKey } from "../../src/proofs/inference-key.ts";
import type { Figure } from "../figure.ts";

const VERSION_ID = 1n;
const NOTICE_SECONDS = 3_600n;
const SUPPLY = 1_000_000n;

const measuredSchema = z.object({
  seconds: z.number(),
  rssMiB: z.number(),
  proof: z.array(z.string().transform(BigInt)),
  publicInputs: z.array(z.string().transform(BigInt)),
});

/** Proves answers of the digits network in a process that does nothing else, and verifies one in a transaction. */
export async function measureProving(): Promise<Figure[]> {
  const { sizes, seed } = DEFAULT_TRAINING;
  const program = mlp(sizes, DEFAULT_TRAINING);
  const key = await buildInferenceKey(inferenceNetwork(program, initialWeights(program, fromHex(seed, 32))));
  const { wasmPath, zkeyPath, inputs } = key.artefacts;
  const prover = fileURLToPath(new URL("proving-process.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...PROOF_PROCESS_FLAGS,
    ...[prover, wasmPath, zkeyPath, String(inputs)],
  ]);
  const { seconds, rssMiB, proof, publicInputs } = measuredSchema.parse(JSON.parse(stdout));
  return [
    { name: "prove.mlp.seconds", value: seconds, unit: "s", peer: null },
    { name: "prove.mlp.rssMiB", value: rssMiB, unit: "MiB", peer: null },
    { name: "verify.mlp.gas", value: await verificationGas(key, proof, publicInputs), unit: "gas", peer: null },
  ];
}

/** Gas of a whole transaction that verifies a proof under a registered key. */
async function verificationGas(
  { circuitId, verifyingKey }: InferenceKey,
  proof: readonly bigint[],
  inputs: readonly bigint[],
): Promise<number> {
  const connection = await network.create();
  const { ethers } = connection;
  const token = await ethers.deployContract("TokenMock");
  const models = await ethers.deployContract("ModelRegistry", [token]);
  const verifiers = await ethers.deployContract("VerifierRegistry", [models, ZeroAddress, 0n, NOTICE_SECONDS]);
  await models.createModel("digits");
  const root = ethers.id("root");
  const roots = { weightsRoot: root, programRoot: root, traceRoot: root, allocationRoot: root, accountsRoot: root };
  const numbers = { modelId: 1n, jobId: 1n, weightsSubmission: 0n, datasetId: 1n, accountCount: 1n };
  await models.publishVersion({ ...numbers, ...roots, shareSupply: SUPPLY });
  await verifiers.register(VERSION_ID, circuitId, verifyingKey);
  const call: [bigint, string, bigint[], bigint[]] = [VERSION_ID, circuitId, [...proof], [...inputs]];
  ensureCheck(await verifiers.verify(...call), "BENCH_PROOF_INVALID", "the proof does not hold on chain");
  const [signer] = await ethers.getSigners();
  const sent = await signer?.sendTransaction(await verifiers.verify.populateTransaction(...call));
  const receipt = await sent?.wait();
  await connection.close();
  return Number(receipt?.gasUsed);
}

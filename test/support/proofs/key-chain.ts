import { bn254 } from "@noble/curves/bn254.js";
import type { HardhatEthersSigner as Signer } from "@nomicfoundation/hardhat-ethers/types";
import { artifacts, network } from "hardhat";

import { programRoot } from "../../../src/compute/program-file.ts";
import { programRegistration } from "../../../src/compute/program-registration.ts";
import type { Program } from "../../../src/compute/program.ts";
import type { Hex } from "../../../src/core/bytes.ts";
import type { VerifyingKey } from "../../../src/proofs/verifying-key.ts";

export const BOND_WEI = 1_001n;
export const NOTICE_SECONDS = 604_800n;
export const VERSION_ID = 1n;
export const BURN_ADDRESS = "0x000000000000000000000000000000000000dEaD";

/** Answers a call without arguments with its own address and every other one with 1: takes every twin for one that counts. */
const CREDULOUS_TWINS = "0x3660041460013003026001015f526102005ff3";
const TWINS_ADDRESS = `0x${"72".repeat(20)}`;

/** The contracts that a refutation goes through. */
const JUDGING = ["VerifierRegistry", "AnswerJudge", "ProgramRegistry"];

/**
 * A chain with a version of these roots, and a registry of keys. Versions are published by an account that becomes, in the job registry's place, a contract
 * that answers everything with the address of the program registry.
 */
export async function keyChain(program: Program, weightsRoot: Hex, root = programRoot(program)) {
  const connection = await network.create();
  const { ethers, provider } = connection;
  const [owner, challenger, jobs] = (await ethers.getSigners()) as [Signer, Signer, Signer];
  const token = await ethers.deployContract("TokenMock");
  const programs = await ethers.deployContract("ProgramRegistry");
  const models = await ethers.deployContract("ModelRegistry", [token], jobs);
  await provider.request({ method: "hardhat_setCode", params: [TWINS_ADDRESS, CREDULOUS_TWINS] });
  const verifiers = await ethers.deployContract("VerifierRegistry", [models, TWINS_ADDRESS, BOND_WEI, NOTICE_SECONDS]);
  const { head, constantRoots } = programRegistration(program);
  await programs.register(head, [...constantRoots]);
  await models.connect(owner).createModel("digits");
  const other = ethers.id("of no matter");
  await models.connect(jobs).publishVersion({
    ...{ modelId: 1n, jobId: 1n, weightsRoot, weightsSubmission: 0n, programRoot: root, datasetId: 1n },
    ...{ traceRoot: other, allocationRoot: other, accountsRoot: other, accountCount: 1n, shareSupply: 1n },
  });
  // PUSH20 address, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
  const code = `0x73${(await programs.getAddress()).slice(2)}5f5260205ff3`;
  await provider.request({ method: "hardhat_setCode", params: [jobs.address, code] });
  await token.mint(owner, 10n * BOND_WEI);
  await token.approve(verifiers, 10n * BOND_WEI);

  /** All that a refutation may change. */
  const ledger = async (circuitId: string) => {
    const { retiresAt, refuted, bondPaidOut } = await verifiers.key(VERSION_ID, circuitId);
    return {
      ...{ retiresAt, refuted, bondPaidOut },
      registry: await token.balanceOf(verifiers),
      owner: await token.balanceOf(owner),
      challenger: await token.balanceOf(challenger),
      burnt: await token.balanceOf(BURN_ADDRESS),
    };
  };
  const passSeconds = async (seconds: bigint): Promise<void> => {
    await provider.request({ method: "evm_increaseTime", params: [Number(seconds)] });
    await provider.request({ method: "evm_mine", params: [] });
  };
  const errors = new ethers.Contract(await verifiers.getAddress(), await errorsOf(JUDGING));
  return { ethers, token, verifiers, programs, errors, owner, challenger, ledger, passSeconds };
}

async function errorsOf(names: readonly string[]): Promise<{ type: string }[]> {
  const found = await Promise.all(names.map((name) => artifacts.readArtifact(name)));
  return found.flatMap(({ abi }) => abi as unknown as { type: string }[]).filter(({ type }) => type === "error");
}

const { BASE } = bn254.G1.Point;
const G2 = bn254.G2.Point.BASE.toAffine();

function g1(scalar: bigint): [bigint, bigint] {
  const { x, y } = BASE.multiply(scalar).toAffine();
  return [x, y];
}

const g2: [bigint, bigint, bigint, bigint] = [G2.x.c1, G2.x.c0, G2.y.c1, G2.y.c0];

/** A key of two public inputs whose trapdoor is 1: as from a development set-up. */
export function openKey(): VerifyingKey {
  return { alpha1: g1(1n), beta2: g2, gamma2: g2, delta2: g2, ic: [g1(1n), g1(1n), g1(1n)] };
}

/** A proof under `openKey` of anything: A = alpha, B = beta, C cancels the inputs. */
export function forge(publicInputs: readonly [bigint, bigint]) {
  const sum = BASE.multiply((1n + publicInputs[0] + publicInputs[1]) % bn254.fields.Fr.ORDER);
  const { x, y } = sum.negate().toAffine();
  return [...g1(1n), ...g2, x, y] as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
}

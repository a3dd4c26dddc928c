import type { NetworkConnection } from "hardhat/types/network";
import { type TransactionResponse, ZeroAddress } from "ethers";

export const DELAY_SECONDS = 7 * 86_400;
const EPOCH_SECONDS = 3_600;
const DRIP_EPOCHS = 168;
const WAD = 10n ** 18n;

export type Connection = NetworkConnection<"l1">;
export type Stage = Awaited<ReturnType<typeof deployStaking>>;

/** The staking contracts on a fresh part of the chain, with one operator and a few users. */
export async function deployStaking({ ethers }: Connection) {
  const [operator, ...users] = await ethers.getSigners();
  const token = await ethers.deployContract("TokenMock");
  const operators = await ethers.deployContract("OperatorRegistry", [DELAY_SECONDS]);
  const services = await ethers.deployContract("ServiceRegistry", [operators, EPOCH_SECONDS, ZeroAddress]);
  const pool = await ethers.deployContract("StakePool", [token, operators, services, DRIP_EPOCHS]);
  const slasher = await ethers.getContractAt("Slasher", await pool.slasher());
  await operators.connect(operator).register(operator!, "");
  return { token, operators, services, pool, slasher, operator: operator!, users };
}

/** Creates a capped service with a trivial verifier, and lets the stage's operator join it with half of its stake. */
export async function joinService({ ethers, networkHelpers }: Connection, stage: Stage): Promise<bigint> {
  const { services, operator } = stage;
  const verifier = await ethers.deployContract("EvidenceVerifierMock");
  await services.createService({
    groupId: 0,
    evidenceVerifier: verifier,
    obligor: ZeroAddress,
    maxObligationSeconds: DELAY_SECONDS,
    slashCapWad: WAD / 2n,
    sink: ZeroAddress,
    seats: 0,
  });
  const serviceId = await services.serviceCount();
  const { groupId } = await services.service(serviceId);
  await services.connect(operator).setMagnitude(groupId, WAD / 2n);
  await services.connect(operator).join(serviceId);
  await networkHelpers.time.increase(DELAY_SECONDS + EPOCH_SECONDS);
  return serviceId;
}

/** Gas of a whole transaction. */
export async function gas(sent: Promise<TransactionResponse>): Promise<number> {
  const receipt = await (await sent).wait();
  return Number(receipt!.gasUsed);
}

import { type TransactionResponse, ZeroAddress } from "ethers";

import { type Connection, DELAY_SECONDS, deployStaking, EPOCH_SECONDS } from "../../test/support/staking-contracts.ts";

const WAD = 10n ** 18n;

type Stage = Awaited<ReturnType<typeof setStage>>;

/** The staking contracts on a fresh part of the chain, with one operator and a few users. */
export async function setStage(connection: Connection) {
  const [operator, ...users] = await connection.ethers.getSigners();
  const contracts = await deployStaking(connection);
  await contracts.operators.connect(operator).register(operator!, "");
  return { ...contracts, operator: operator!, users };
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

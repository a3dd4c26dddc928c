import { ZeroAddress } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

export const DELAY_SECONDS = 7 * 86_400;
export const EPOCH_SECONDS = 3_600;
const DRIP_EPOCHS = 168;

/** A connection to the embedded chain. */
export type Connection = NetworkConnection<"l1">;

/** The staking contracts and their token, without a guardian. */
export async function deployStaking({ ethers }: Connection) {
  const token = await ethers.deployContract("TokenMock");
  const operators = await ethers.deployContract("OperatorRegistry", [DELAY_SECONDS]);
  const services = await ethers.deployContract("ServiceRegistry", [operators, EPOCH_SECONDS, ZeroAddress]);
  const pool = await ethers.deployContract("StakePool", [token, operators, services, DRIP_EPOCHS]);
  const slasher = await ethers.getContractAt("Slasher", await pool.slasher());
  return { token, operators, services, pool, slasher };
}

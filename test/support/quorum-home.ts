import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { TypedDataEncoder, Wallet, ZeroAddress, id } from "ethers";

import { fromHex, type Hex } from "../../src/core/bytes.ts";
import { padBlsKey, provePossession } from "../../src/crypto/bls.ts";
import { DOMAIN_NAME, DOMAIN_VERSION } from "../../src/crypto/eip712.ts";
import { POSSESSION_TYPE } from "../../src/crypto/messages.ts";
import { type BlsValidator, blsValidators } from "./bls-validators.ts";
import { type Connection, DELAY_SECONDS, deployStaking, EPOCH_SECONDS } from "./staking-contracts.ts";

const WAD = 10n ** 18n;

/**
 * The staking contracts with one service, whose seats are all held: row i of its table weighs 100 + i. Time is the first second of
 * an epoch with all of them.
 */
export async function quorumHome(connection: Connection, seats: number) {
  const { ethers, networkHelpers } = connection;
  const { token, operators, services, pool, slasher } = await deployStaking(connection);
  const quorum = await ethers.deployContract("QuorumVerifier", [services]);
  const verifier = await ethers.deployContract("EquivocationVerifier", [quorum, WAD]);
  await services.createService({
    groupId: 0,
    evidenceVerifier: verifier,
    maxObligationSeconds: DELAY_SECONDS,
    seats,
    obligor: ZeroAddress,
    slashCapWad: WAD,
    sink: ZeroAddress,
  });
  const { chainId } = await ethers.provider.getNetwork();
  const domain = {
    name: DOMAIN_NAME,
    version: DOMAIN_VERSION,
    chainId,
    verifyingContract: await operators.getAddress(),
  };
  const possession = Object.entries(POSSESSION_TYPE.members).map(([name, type]) => ({ name, type }));
  const setBlsKey = async (operator: HardhatEthersSigner, { key, secretKey }: BlsValidator): Promise<void> => {
    const message = { operator: operator.address, key };
    const digest = fromHex(TypedDataEncoder.hash(domain, { PossessionProof: possession }, message));
    await operators.connect(operator).setBlsKey(padBlsKey(key), provePossession(digest, secretKey));
  };

  const validators = blsValidators(seats).map((validator, i) => ({
    ...validator,
    wallet: new Wallet(id(`signer ${i}`)),
  }));
  for (const [seat, validator] of validators.entries()) {
    const { address } = validator.wallet;
    await networkHelpers.setBalance(address, WAD);
    const operator = await ethers.getImpersonatedSigner(address);
    await operators.connect(operator).register(address, "");
    await setBlsKey(operator, validator);
    await token.mint(operator, 100 + seat);
    await token.connect(operator).approve(pool, 100 + seat);
    await pool.connect(operator).deposit(operator, 100 + seat, 0);
    await services.connect(operator).setMagnitude(1, WAD);
    await services.connect(operator).joinSeat(1, seat);
  }
  const settled = (await networkHelpers.time.latest()) + DELAY_SECONDS + EPOCH_SECONDS;
  const epoch = BigInt(Math.floor(settled / EPOCH_SECONDS) + 1);
  await networkHelpers.time.increaseTo(Number(epoch) * EPOCH_SECONDS);
  const home = { chainId, verifyingContract: (await services.getAddress()) as Hex };
  return { token, operators, services, pool, slasher, quorum, verifier, validators, epoch, home, setBlsKey };
}

/** The rows of a contract's table, without the byte that keeps it from being run. */
export async function readTable({ ethers }: Connection, table: string): Promise<Uint8Array> {
  return fromHex(await ethers.provider.getCode(table)).subarray(1);
}

/** A payload named for a test. */
export function payload(name: string): Hex {
  return id(name) as Hex;
}

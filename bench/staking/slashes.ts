import { AbiCoder, ZeroAddress, ZeroHash } from "ethers";

import type { Connection } from "../../test/support/staking-contracts.ts";
import type { Figure } from "../figure.ts";
import { gas, joinService, setStage } from "./stage.ts";

/** As many accounts as one transaction creates and lets deposit within its gas limit. */
const BATCH = 40;

/** A verdict by a trivial verifier with a cap, against an operator of few and of many delegators. */
export async function measureSlashes(connection: Connection): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const delegators of [1, 10_000]) {
    figures.push({
      name: `slash.delegators.${delegators}`,
      value: await slashGas(connection, delegators),
      unit: "gas",
    });
  }
  return figures;
}

async function slashGas(connection: Connection, delegators: number): Promise<number> {
  const stage = await setStage(connection);
  const { pool, token, operator, slasher, users } = stage;
  const crowd = await connection.ethers.deployContract("CrowdMock");
  for (let left = delegators; left > 0; left -= BATCH) {
    await crowd.delegate(pool, token, operator, 10n ** 18n, Math.min(left, BATCH));
  }
  await token.mint(operator, 10n ** 18n);
  await token.connect(operator).approve(pool, 10n ** 18n);
  await pool.connect(operator).deposit(operator, 10n ** 18n, 0n);
  const service = await joinService(connection, stage);
  const now = await connection.networkHelpers.time.latest();
  const evidence = AbiCoder.defaultAbiCoder().encode(
    ["address", "bytes32", "uint48", "uint64", "address"],
    [operator.address, ZeroHash, now, 10n ** 17n, ZeroAddress],
  );
  return await gas(slasher.connect(users[0]).submit(service, evidence));
}

import { type Connection, DELAY_SECONDS } from "../../test/support/staking-contracts.ts";
import type { Figure } from "../figure.ts";
import { gas, setStage } from "./stage.ts";

const ASSETS_WEI = 10n ** 18n;

/** Deposits and withdrawals of plain accounts with a plain ERC-20; allowances exist and are unlimited. */
export async function measureDeposits(connection: Connection): Promise<Figure[]> {
  const { token, pool, operator, users } = await setStage(connection);
  const [first, second] = users as [(typeof users)[0], (typeof users)[0]];
  for (const user of [first, second]) {
    await token.mint(user, 100n * ASSETS_WEI);
    await token.connect(user).approve(pool, 2n ** 256n - 1n);
  }
  const deposit = (user: typeof first) => gas(pool.connect(user).deposit(operator, ASSETS_WEI, 0n));
  const figures = [
    { name: "deposit.first", value: await deposit(first) },
    { name: "deposit.new", value: await deposit(second) },
    { name: "deposit.repeat", value: await deposit(second) },
    {
      name: "withdraw.request.first",
      value: await gas(pool.connect(first).requestWithdraw(operator, ASSETS_WEI / 2n)),
    },
    {
      name: "withdraw.request.next",
      value: await gas(pool.connect(second).requestWithdraw(operator, ASSETS_WEI / 2n)),
    },
  ];
  await connection.networkHelpers.time.increase(DELAY_SECONDS + 1);
  figures.push({ name: "withdraw.complete", value: await gas(pool.connect(first).withdraw(1n, first)) });
  return figures.map((figure) => ({ ...figure, unit: "gas" }));
}

import type { Contracts } from "../chain/contracts.ts";
import { readChain } from "../chain/read.ts";
import { ensureInput } from "../core/errors.ts";

/**
 * Refuses an account that is not an operator, before anything is read or sent on its behalf.
 * @throws GlassboxError `CLI_OPERATOR_UNKNOWN`
 */
export async function ensureOperator({ OperatorRegistry }: Contracts, operator: string): Promise<void> {
  const isOperator = await readChain(OperatorRegistry.isOperator(operator));
  ensureInput(isOperator, "CLI_OPERATOR_UNKNOWN", `${operator} is not an operator`, {
    hint: "`glassbox operator register` makes the signing account one",
  });
}

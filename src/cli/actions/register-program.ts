import type { Contracts } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { programRoot } from "../../compute/program-file.ts";
import { programRegistration } from "../../compute/program-registration.ts";
import type { Program } from "../../compute/program.ts";
import { GlassboxError } from "../../core/errors.ts";

/**
 * Registers a program, unless it is registered: anyone may have done so.
 * @throws GlassboxError kind `revert` with the rule that the program breaks.
 */
export async function registerProgram(
  { ProgramRegistry }: Pick<Contracts, "ProgramRegistry">,
  sender: Pick<TxSender, "send">,
  program: Program,
): Promise<void> {
  if (await readChain(ProgramRegistry.isRegistered(programRoot(program)))) return;
  const { head, constantRoots } = programRegistration(program);
  try {
    await sender.send(ProgramRegistry.register.populateTransaction(head, [...constantRoots]));
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof GlassboxError) || error.details.error !== "ProgramRegistryKnown") throw error;
  }
}

import { zKey } from "snarkjs";

import { applyBeacon, beginCeremony, contribute, verifyCeremony } from "./ceremony.ts";
import { compileCircuit } from "./compile-circuit.ts";
import { writeDevelopmentKey } from "./development-setup.ts";
import { prove } from "./prove-task.ts";
import { verify } from "./verify-task.ts";
import { type VerifyingKey, fromSnarkjsKey } from "./verifying-key.ts";

/** Everything heavy: done in a process of its own, see `proof-process.ts`. */
export const tasks = {
  compileCircuit,
  writeDevelopmentKey,
  beginCeremony,
  contribute,
  applyBeacon,
  verifyCeremony,
  prove,
  verify,
  readVerifyingKey: async (zkeyPath: string): Promise<VerifyingKey> =>
    fromSnarkjsKey(await zKey.exportVerificationKey(zkeyPath)),
};

/** The tasks by name; arguments and results are copied between the processes. */
export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;

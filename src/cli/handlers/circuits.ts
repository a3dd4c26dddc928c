import { toHex } from "../../core/bytes.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { circuitId, circuitInstances } from "../../proofs/circuit-library.ts";
import { encodeVerifyingKey } from "../../proofs/verifying-key.ts";
import { modelFiles } from "../../worker/model-files.ts";
import { bakedKey } from "../../worker/model-keys.ts";
import { parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { keyOptions } from "../key-options.ts";
import { withSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { textOf } from "../values.ts";

/** Lists the circuits of this release. */
export const list: Handler = (context) => {
  const circuits = circuitInstances().map((instance) => ({
    ...instance,
    circuitId: circuitId(instance.template, instance.parameters),
  }));
  const rows = circuits.map(
    ({ name, maxConstraints, circuitId: id }) => `${name.padEnd(22)} at most ${maxConstraints} constraints  ${id}`,
  );
  context.result(circuits, rows.join("\n"));
};

/** Builds the key of a model version; its hash is the one that `VerifierRegistry` must have. */
export const build: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSession(context, async ({ contracts }) => {
    const files = await openFiles(contracts, values);
    const model = await modelFiles(contracts, files, versionId, context.signal);
    const key = await bakedKey(model, keyOptions(context));
    const keyHash = toHex(keccak256(encodeVerifyingKey(key.verifyingKey)));
    const { setup, cached, artefacts } = key;
    context.result(
      { versionId, circuitId: key.circuitId, keyHash, setup, cached, artefacts },
      [
        `circuit    ${key.circuitId}`,
        `key hash   ${keyHash}`,
        `set-up     ${setup}`,
        `proving    ${artefacts.zkeyPath}${cached ? " (was there)" : ""}`,
      ].join("\n"),
    );
  });
};

import type { Contracts } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import { fromHex, toHex } from "../../core/bytes.ts";
import { ensureInput } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { inputHash } from "../../proofs/input-hash.ts";
import { EthersChainReader } from "../../verifier/ethers-chain-reader.ts";
import { findRefutation } from "../../verifier/refutation.ts";
import { modelFiles } from "../../worker/model-files.ts";
import { bakedKey, committedKey } from "../../worker/model-keys.ts";
import { collectBonds } from "../actions/collect-bonds.ts";
import { refuteKey } from "../actions/refute-key.ts";
import { refuteTwins } from "../actions/refute-twins.ts";
import { registerCommittedKey, registerKey, type KeyRegistration } from "../actions/register-key.ts";
import { registerTwin } from "../actions/register-twin.ts";
import { formatTokens, parseId } from "../amounts.ts";
import type { Handler } from "../command.ts";
import { readInput } from "../input-file.ts";
import { keyOptions } from "../key-options.ts";
import { historyOf, withSigningSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { formatTime } from "../times.ts";
import { textOf } from "../values.ts";

/** Builds the verifying key of a version from storage and registers it. */
export const register: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  const isCommitted = values["committed"] === true;
  await withSigningSession(context, async ({ contracts, sender }) => {
    await ensureHolder(contracts, versionId, sender.address);
    const model = await modelFiles(contracts, await openFiles(contracts, values), versionId, context.signal);
    const show = (circuitId: string, registration: KeyRegistration, rest: object): void => {
      const { keyHash, insecure, bondWei } = registration;
      const caution = insecure ? "; from a development set-up, INSECURE" : "";
      context.result(
        { versionId, circuitId, ...registration, ...rest },
        `registered key ${keyHash} under a bond of ${formatTokens(bondWei)}${caution}`,
      );
    };
    if (isCommitted) {
      const key = await committedKey(model, keyOptions(context));
      const { weightsTwin, circuitId } = key;
      show(circuitId, await registerCommittedKey(contracts, sender, versionId, key), { weightsTwin });
    } else {
      const key = await bakedKey(model, keyOptions(context));
      show(key.circuitId, await registerKey(contracts, sender, versionId, key), {});
    }
  });
};

/** Claims the Poseidon twin of a version's weights under bond. */
export const twin: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { weights } = await modelFiles(contracts, await openFiles(contracts, values), versionId, context.signal);
    const registered = await registerTwin(contracts, sender, versionId, weights);
    const { twinId, poseidonRoot, finalAt, bondWei } = registered;
    context.result(
      { versionId, ...registered },
      [
        `claimed twin ${poseidonRoot} under a bond of ${formatTokens(bondWei)}`,
        `counts from ${formatTime(finalAt)} on, unless somebody refutes it (${twinId})`,
      ].join("\n"),
    );
  });
};

/** Refutes the false twins of a version's weights that are still in their window. */
export const refuteTwin: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSigningSession(context, async (session) => {
    const { contracts, sender } = session;
    const { weights } = await modelFiles(contracts, await openFiles(contracts, values), versionId, context.signal);
    const refuted = await refuteTwins(contracts, historyOf(session, values), sender, weights);
    const { twinIds, rewardWei, late } = refuted;
    context.result(
      { versionId, ...refuted },
      [
        `refuted    ${twinIds.length} false twins, for ${formatTokens(rewardWei)}`,
        ...(late.length > 0 ? [`too late   for ${late.join(", ")}: answers bound to them are not of this model`] : []),
      ].join("\n"),
    );
  });
};

/** Retires a key: after a notice it verifies no more, and its bond can be collected. */
export const retire: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  const circuitId = toHex(fromHex(textOf(values, "circuit"), 32));
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { VerifierRegistry } = contracts;
    const receipt = await sender.send(VerifierRegistry.retire.populateTransaction(versionId, circuitId));
    const { retiresAt } = eventOf(receipt, VerifierRegistry, "KeyRetired");
    context.result({ versionId, circuitId, retiresAt }, `the key verifies until ${formatTime(retiresAt)}`);
  });
};

/** Takes back the signing account's bonds of retired keys and of twins that count. */
export const collect: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSigningSession(context, async (session) => {
    const { contracts, sender } = session;
    const collected = await collectBonds(contracts, historyOf(session, values), sender, versionId);
    const { keys, twins, amountWei } = collected;
    context.result(
      { versionId, ...collected },
      `${formatTokens(amountWei)} back, of ${keys.length} keys and ${twins.length} twins`,
    );
  });
};

/** Refutes a key by an answer to the given input that was settled under it and is wrong. */
export const refute: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  const input = await readInput(textOf(values, "input"));
  ensureInput(input.length > 0, "CLI_FILE_INVALID", "an input has at least one byte");
  await withSigningSession(context, async ({ contracts, sender, book, provider }) => {
    const reader = new EthersChainReader(book, provider);
    const model = await modelFiles(contracts, await openFiles(contracts, values), versionId, context.signal);
    const [keys, answers] = await Promise.all([reader.keys(versionId), reader.answers(versionId)]);
    const refutation = findRefutation({ model, input, keys, answers });
    const { rewardWei, transaction } = await refuteKey(contracts, sender, versionId, refutation);
    const { circuitId, answer, wrong } = refutation;
    context.result(
      { versionId, circuitId, inputHash: inputHash(input), answer, wrongAnswer: wrong.answer, rewardWei, transaction },
      [
        `the key proved ${wrong.answer} where the model answers ${answer}: it is retired (transaction ${transaction})`,
        `reward     ${formatTokens(rewardWei)}`,
      ].join("\n"),
    );
  });
};

/** Compiling a circuit for a key that the chain would refuse takes a minute. */
async function ensureHolder({ ModelRegistry }: Contracts, versionId: bigint, account: string): Promise<void> {
  const { modelId } = await readChain(ModelRegistry.version(versionId));
  const holder = await readChain(ModelRegistry.ownerOf(modelId));
  ensureInput(
    sameAddress(holder, account),
    "CLI_NOT_HOLDER",
    `keys of version ${versionId} are registered by ${holder}, who holds the token of model ${modelId}`,
  );
}

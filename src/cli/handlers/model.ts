import { connectShares } from "../../chain/contracts.ts";
import { eventOf } from "../../chain/events.ts";
import { readChain } from "../../chain/read.ts";
import { ensureInput } from "../../core/errors.ts";
import { circuitInstances } from "../../proofs/circuit-library.ts";
import { buyAnswer, depositForProvider } from "../actions/buy-answer.ts";
import { claimShares, readAllocation } from "../actions/claim-shares.ts";
import { findProvider } from "../actions/find-provider.ts";
import { offerModel } from "../actions/offer-model.ts";
import { formatTokens, parseId, parseTokens, parseWorkerUrl } from "../amounts.ts";
import type { Handler, Values } from "../command.ts";
import type { Context } from "../context.ts";
import { readInput } from "../input-file.ts";
import { withSession, withSigningSession } from "../session.ts";
import { openFiles } from "../storage-access.ts";
import { formatTime } from "../times.ts";
import { optionalOf, textOf } from "../values.ts";
import { unlockedKey } from "../worker-process.ts";
import { runFolder } from "./local-model.ts";

/** Creates a model token for the signing account. */
export const create: Handler = async (context, values) => {
  const name = textOf(values, "name");
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { ModelRegistry } = contracts;
    const receipt = await sender.send(ModelRegistry.createModel.populateTransaction(name));
    const { modelId } = eventOf(receipt, ModelRegistry, "ModelCreated");
    context.result(
      { modelId, name, holder: sender.address },
      `model ${modelId} "${name}" belongs to ${sender.address}`,
    );
  });
};

/** Shows a model version, its shares and its revenue. */
export const show: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSession(context, async ({ contracts, provider }) => {
    const { ModelRegistry } = contracts;
    const version = await readChain(ModelRegistry.version(versionId));
    const { modelId, jobId, datasetId, weightsRoot, traceRoot, shareSupply } = version;
    const shares = connectShares(version.shares, provider);
    const [name, holder, unclaimed, receivedWei, paidWei] = await readChain(
      Promise.all([
        ModelRegistry.modelName(modelId),
        ModelRegistry.ownerOf(modelId),
        shares.balanceOf(version.shares),
        shares.receivedWei(),
        shares.paidWei(),
      ]),
    );
    const publishedAt = formatTime(version.publishedAt);
    const claimed = shareSupply - unclaimed;
    context.result(
      {
        ...{ versionId, modelId, name, holder, jobId, datasetId, publishedAt, weightsRoot, traceRoot },
        ...{ parentVersionId: version.parentVersionId, shares: version.shares, shareSupply, claimed },
        ...{ accounts: version.accountCount, receivedWei, paidWei },
      },
      [
        `version    ${versionId} of model ${modelId} "${name}", published ${publishedAt}`,
        `token      held by ${holder}`,
        `origin     job ${jobId} on dataset ${datasetId}`,
        `weights    ${weightsRoot}`,
        `trace      ${traceRoot}`,
        `shares     ${version.shares}: ${claimed} of ${shareSupply} claimed, for ${version.accountCount} accounts`,
        `revenue    ${formatTokens(receivedWei)} received, ${formatTokens(paidWei)} paid out`,
      ].join("\n"),
    );
  });
};

/** Sets the signing operator's price for a version. */
export const offer: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  const priceWei = parseTokens(textOf(values, "price"));
  await withSigningSession(context, async ({ contracts, sender }) => {
    const { priceVersion, effectiveAt } = await offerModel(contracts, sender, versionId, priceWei);
    const date = effectiveAt.toISOString();
    context.result(
      { versionId, provider: sender.address, priceWei, priceVersion, effectiveAt: date },
      `version ${versionId} costs ${formatTokens(priceWei)} an answer from ${date} on`,
    );
  });
};

/** Takes the signing account's shares out of a version's escrow. */
export const claim: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSigningSession(context, async ({ contracts, sender }) => {
    const files = await openFiles(contracts, values);
    const allocation = await readAllocation(contracts, files, versionId, context.signal);
    const shares = await claimShares(contracts, sender, versionId, allocation);
    const text = shares === 0n ? "all shares were claimed before" : `claimed ${shares} shares for ${sender.address}`;
    context.result({ versionId, account: sender.address, shares }, text);
  });
};

/** Takes the revenue of the signing account's shares. */
export const withdraw: Handler = async (context, values) => {
  const versionId = parseId(textOf(values, "version"), "version");
  await withSigningSession(context, async ({ contracts, sender, wallet }) => {
    const shares = connectShares(await readChain(contracts.ModelRegistry.sharesOf(versionId)), wallet);
    const receipt = await sender.send(shares.withdraw.populateTransaction(sender.address));
    const { amountWei } = eventOf(receipt, shares, "RevenueWithdrawn");
    const text = `paid ${formatTokens(amountWei)} to ${sender.address}`;
    context.result({ versionId, account: sender.address, amountWei }, text);
  });
};

/** Gets one answer: bought if the model is a number, else from the folder that it names. */
export const run: Handler = async (context, values) => {
  const model = textOf(values, "model");
  if (/^\d+$/.test(model)) await buy(context, parseId(model, "version"), values);
  else await runFolder(context, model, values);
};

/** Buys one answer; tops up the escrow for its provider by what is lacking. */
async function buy(context: Context, versionId: bigint, values: Values): Promise<void> {
  const url = optionalOf(values, "worker", parseWorkerUrl);
  const input = await readImage(textOf(values, "input"));
  await withSigningSession(context, async ({ contracts, sender, wallet, book }) => {
    const provider = await findProvider(contracts, versionId, url);
    const consumer = { contracts, sender, key: unlockedKey(wallet), chainId: book.chainId };
    const spendableWei = await readChain(contracts.Settlement.spendableWei(sender.address, provider.address));
    const lackingWei = provider.priceWei - spendableWei;
    if (lackingWei > 0n) await depositForProvider(consumer, provider.address, lackingWei);
    const request = { versionId, provider: provider.address, url: provider.url, input };
    const answer = await buyAnswer(consumer, request, context.signal);
    const { committed } = await readChain(contracts.VerifierRegistry.key(versionId, answer.circuitId));
    const rank = committed ? "proven" : "open to challenge";
    context.result(
      { versionId, provider: provider.address, feeWei: provider.priceWei, rank, ...answer },
      `${answer.answer}, with a proof that holds on chain (${rank}), for ${formatTokens(provider.priceWei)} (transaction ${answer.transaction})`,
    );
  });
}

/** An input of a size that some circuit takes: no other can be answered with a proof. */
async function readImage(file: string): Promise<Uint8Array> {
  const image = await readInput(file);
  const sizes = circuitInstances().flatMap(({ template, parameters }) =>
    template === "SoftmaxTraining" ? [] : [parameters.inputs],
  );
  ensureInput(
    sizes.includes(image.length),
    "CLI_IMAGE_LENGTH",
    `an image has ${[...new Set(sizes)].join(" or ")} bytes, ${file} has ${image.length}`,
  );
  return image;
}

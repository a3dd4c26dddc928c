import { readFile } from "node:fs/promises";

import { z } from "zod";

import { DEVELOPMENT_CHAIN_ID } from "../src/core/chain-ids.ts";
import { ensureInput, GlassboxError } from "../src/core/errors.ts";
import { hexSchema, problemsOf } from "../src/core/schemas.ts";

const address = hexSchema(20);
const seconds = z
  .int()
  .positive()
  .max(10 ** 9);
/** Base units of the token or wei, as a decimal string: JSON numbers are too short. */
const amount = z
  .string()
  .regex(/^\d{1,30}$/)
  .transform(BigInt);
const wad = amount.refine((value) => value <= 10n ** 18n, "at most 1e18");
const count = z
  .int()
  .positive()
  .max(2 ** 32 - 1);

const schema = z.strictObject({
  /** The ERC-20 for stake, bonds, fees and revenue. Left out on the development chain, where one is deployed. */
  token: address.optional(),
  module: z.strictObject({
    delaySeconds: seconds,
    stakeEpochSeconds: seconds,
    rewardDripEpochs: count.max(65_535),
    guardian: address.optional(),
    equivocationWad: wad.refine((value) => value > 0n, "more than 0"),
    storage: z.strictObject({
      pricePerLeafEpochWei: amount,
      coveragePerLeafWei: amount,
      epochBlocks: count,
      dealEpochs: count,
      reportEpochs: count,
      fillBlocks: count,
      copies: count.max(16),
      fillLeaves: count.max(64),
      challengeLeaves: count.max(64),
      missTolerance: z.int().nonnegative().max(255),
      bountyBps: z.int().nonnegative().max(10_000),
      missWad: wad,
      slashCapWad: wad,
      groupId: z.int().nonnegative(),
      maxObligationSeconds: seconds,
    }),
    gameBondWei: amount,
    gameBudgetSeconds: seconds,
    gameExtensionSeconds: seconds,
    answerStakeWei: amount,
    auditBondWei: amount,
    auditsPerClaim: count.max(16),
    auditRevealSeconds: seconds,
    auditChallengeSeconds: seconds,
    jobLimits: z.strictObject({
      minClaimBondWei: amount,
      minLeaseBondWei: amount,
      minCoverageWei: amount,
      maxJobSeconds: seconds,
      minClaimWindowSeconds: seconds,
      maxClaimWindowSeconds: seconds,
      gameSeconds: seconds,
      minLeaseSeconds: seconds,
      availabilityEpochs: count,
    }),
    twinBondWei: amount.refine((value) => value >= 2n, "at least 2"),
    twinWindowSeconds: seconds,
    twinAvailabilityEpochs: count,
    keyBondWei: amount,
    keyNoticeSeconds: seconds,
    workerBps: z.int().nonnegative().max(10_000),
    priceNoticeSeconds: seconds,
  }),
});

/** Everything a deployment chooses; it never changes afterwards. */
export type DeployParameters = z.infer<typeof schema>;

/**
 * Reads and checks the parameters of a deployment.
 * @throws GlassboxError `DEPLOY_PARAMS_MISSING`, `DEPLOY_PARAMS_INVALID` or `DEPLOY_TOKEN_MISSING`.
 */
export async function readDeployParameters(path: string, chainId: number): Promise<DeployParameters> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new GlassboxError("usage", "DEPLOY_PARAMS_MISSING", `no readable parameters at ${path}`, {
      cause,
      hint: "copy deployments/params/31337.json and choose the values for your chain",
    });
  }
  const parsed = schema.safeParse(value);
  ensureInput(parsed.success, "DEPLOY_PARAMS_INVALID", `${path} is not valid`, {
    hint: problemsOf(parsed.error).join("; "),
  });
  if (chainId !== DEVELOPMENT_CHAIN_ID) {
    ensureInput(parsed.data.token !== undefined, "DEPLOY_TOKEN_MISSING", `chain ${chainId} needs a token`, {
      hint: "the development token can be minted by anyone; name a real ERC-20 as `token`",
    });
  }
  return parsed.data;
}

import { equalBytes, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { jobClaim } from "../compute/claims.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataDigest } from "../crypto/eip712.ts";
import { CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";
import { decodeAccounts, encodeAccounts } from "../models/accounts.ts";

import { ensureFacts } from "./facts.ts";
import type { ChainReader, DatasetFacts, JobFacts, VersionFacts } from "./ports.ts";
import type { EdgeGroup, Finding } from "./report.ts";

/** Judges that the version is what the accepted job put forward. */
export async function checkVersion(group: EdgeGroup, version: VersionFacts, job: JobFacts): Promise<void> {
  await group.check({ id: "version:job", title: "the version comes from an accepted job", needs: [] }, () => {
    ensureCheck(
      job.isAccepted && job.versionId === version.versionId && job.modelId === version.modelId,
      "VERIFIER_JOB_NOT_ACCEPTED",
      `job ${job.jobId} did not become version ${version.versionId} of model ${version.modelId}`,
    );
    ensureFacts("VERIFIER_VERSION_MISMATCH", "version", [
      ["weights", version.weightsRoot, job.roots.weights],
      ["weights' submission", version.weightsSubmission, job.outputs.weights.submission],
      ["program", version.programRoot, job.programRoot],
      ["trace", version.traceRoot, job.roots.trace],
      ["allocation", version.allocationRoot, job.roots.allocation],
      ["accounts", version.accountsRoot, job.roots.accounts],
      ["account count", version.accountCount, job.accountCount],
      ["dataset", version.datasetId, job.datasetId],
      ["share supply", version.shareSupply, job.shareSupply],
    ]);
    return { value: undefined, detail: `job ${job.jobId}, claimed by ${job.author}` };
  });
}

/** Judges the signature on the claim: by a signing key of the operator that put it forward. */
export async function checkClaim(
  group: EdgeGroup,
  chain: ChainReader,
  job: JobFacts,
  dataset: DatasetFacts,
): Promise<void> {
  await group.check({ id: "claim:signature", title: "the claim is signed by its author", needs: [] }, async () => {
    ensureCheck(
      job.signature !== undefined,
      "VERIFIER_CLAIM_MISSING",
      `the chain's logs hold no claim of job ${job.jobId}`,
    );
    const domain = { chainId: chain.chainId, verifyingContract: chain.contracts.JobRegistry };
    const claim = jobClaim({ ...job, datasetRoot: dataset.root, seedHex: job.seed }, job.roots);
    const signer = recoverSigner(typedDataDigest(domain, CLAIM_TYPE, claim), job.signature);
    const operator = signer && (await chain.operatorOfSigner(signer));
    ensureCheck(
      operator !== undefined && sameAddress(operator, job.author),
      "VERIFIER_CLAIM_SIGNATURE",
      `the claim is signed by ${operator ?? signer ?? "nobody"}, its author is ${job.author}`,
    );
    return { value: undefined, detail: `${job.author} with key ${signer}` };
  });
}

/** Judges the job's accounts: the dataset's, then the opener, then operators in the order in which they joined. */
export async function checkJobAccounts(
  group: EdgeGroup,
  job: JobFacts,
  datasetAccounts: Finding<readonly Hex[]>,
  file: Finding<Uint8Array>,
): Promise<Finding<readonly Hex[]>> {
  return group.check(
    { id: "job:accounts", title: "who takes part in the job", needs: [datasetAccounts, file] },
    (known, bytes) => {
      const people = [...known, job.opener, ...job.joined];
      const count = bytes.length / 32;
      ensureCheck(
        count === job.accountCount && count > known.length && count <= people.length,
        "VERIFIER_ACCOUNT_COUNT",
        `the file lists ${count} accounts, claimed are ${job.accountCount}`,
      );
      const expected = people.slice(0, count);
      const same = equalBytes(encodeAccounts(expected), bytes);
      ensureCheck(
        same,
        "VERIFIER_ACCOUNTS",
        `account ${firstDifference(decodeAccounts(bytes), expected)} is not who the chain says`,
      );
      return {
        value: expected,
        detail: `${known.length} of the dataset, the opener, ${count - known.length - 1} operators`,
      };
    },
  );
}

/** The first index at which two lists of accounts differ. */
function firstDifference(actual: readonly Hex[], expected: readonly Hex[]): number {
  return actual.findIndex((account, i) => !sameAddress(account, expected[i] ?? ""));
}

import { expect } from "chai";

import { partClaim, JOB_OUTPUTS, type JobOutput } from "../../../src/compute/claims.ts";
import { trainRounds } from "../../../src/compute/training.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { CLAIM_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { auditClaim, type AuditResult, type ClaimFacts } from "../../../src/worker/job-auditor.ts";
import { buildJobOutputs, outputRoots } from "../../../src/worker/job-outputs.ts";
import type { LoadedJob } from "../../../src/worker/training-job.ts";
import { errorCodeOf } from "../../support/error-code.ts";
import { stubJob, testKey, type StubJob } from "../../support/stub-job.ts";

const ACCOUNTS_BEFORE_OPERATORS = 2;

describe("job auditor", () => {
  let stub: StubJob;
  let job: LoadedJob;

  beforeEach(async () => {
    stub = stubJob();
    job = await stub.load();
  });

  /** What a coordinator would claim; `change` may alter the last weights. */
  function claimFiles(
    change: (weights: Uint8Array) => Uint8Array = (same) => same,
    joined = stub.joined,
  ): Record<JobOutput, Uint8Array> {
    const trained = [...trainRounds(job, job.rounds)];
    const roots = trained.map(({ start, ends }) => ({ start: fileRoot(start), ends: ends.map(fileRoot) }));
    const signedParts = roots.flatMap(({ start, ends }, round) =>
      ends.map((endRoot, part) => {
        const index = round * ends.length + part;
        const { operator, signer } = stub.operators[index % 2]!;
        const claim = partClaim(job, { index: BigInt(index), startRoot: start, endRoot });
        return {
          operator,
          signature: toHex(signDigest(typedDataDigest(job.domain, CLAIM_TYPE, claim), signer.secretKey)),
        };
      }),
    );
    const starts = trained.map(({ start }) => start);
    const finalWeights = change(trained.at(-1)!.next);
    return buildJobOutputs(job, { starts, roots, finalWeights, signedParts, joined });
  }

  function put(files: Record<JobOutput, Uint8Array>, accountCount = files.accounts.length / 32): ClaimFacts {
    const submissions = JOB_OUTPUTS.map((name) => BigInt(stub.stored.push(files[name]) - 1));
    const roots = outputRoots(files);
    const outputs = Object.fromEntries(JOB_OUTPUTS.map((name) => [`${name}Root`, roots[name]])) as Record<
      `${JobOutput}Root`,
      Hex
    >;
    return { jobId: 1n, outputs: { ...outputs, accountCount: BigInt(accountCount) }, submissions };
  }

  const audit = async (claim: ClaimFacts): Promise<AuditResult> => {
    const { verdict, detail } = await auditClaim(stub.contracts, stub.files, claim, new AbortController().signal);
    return { verdict, detail };
  };

  it("confirms an honest claim", async () => {
    expect((await audit(put(claimFiles()))).verdict).to.equal("match");
  });

  it("finds one altered weight", async () => {
    const altered = put(
      claimFiles((weights) => {
        const copy = weights.slice();
        copy[0]! ^= 1;
        return copy;
      }),
    );
    expect(await audit(altered)).to.deep.equal({
      verdict: "mismatch",
      detail: "these outputs differ: weights, trace",
    });
  });

  it("does not blame the author for an operator that joined while the claim was being made", async () => {
    const claim = put(claimFiles());
    stub.joined = [...stub.joined, testKey("late").address];
    expect((await audit(claim)).verdict).to.equal("match");
  });

  it("does not blame the author for an operator that replaced its key since", async () => {
    const claim = put(claimFiles());
    Object.assign(stub.contracts.OperatorRegistry, { signerOf: () => Promise.resolve(testKey("new key").address) });
    expect((await audit(claim)).verdict).to.equal("match");
  });

  it("finds a part that its operator did not sign", async () => {
    const claim = put(claimFiles());
    stub.signers.set(stub.operators[1]!.signer.address, testKey("somebody else").address);
    expect(await audit(claim)).to.deep.equal({
      verdict: "mismatch",
      detail: "part 1 is not signed by the operator it is credited to",
    });
  });

  it("makes outputs only for operators that joined", () => {
    expect(errorCodeOf(() => claimFiles(undefined, [stub.joined[0]!]))).to.equal("WORKER_CREDIT_STRANGER");
    const files = claimFiles();
    expect(files.accounts.length / 32).to.equal(ACCOUNTS_BEFORE_OPERATORS + 3);
    expect(files.credits.length).to.equal(256);
    expect(files.rounds.length).to.equal(job.rounds * (files.weights.length + job.program.parts * 256));
  });
});

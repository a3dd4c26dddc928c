import { fromHex, type Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { allocateShares, decodeCredits, encodeAllocation } from "../compute/allocation.ts";
import { partClaim } from "../compute/claims.ts";
import type { Program } from "../compute/program.ts";
import type { RoundsFile } from "../compute/rounds-file.ts";
import type { Trace } from "../compute/trace.ts";
import { sameAddress } from "../crypto/address.ts";
import { typedDataHasher } from "../crypto/eip712.ts";
import { fileRoot } from "../crypto/file-tree.ts";
import { CLAIM_TYPE } from "../crypto/messages.ts";
import { recoverSigner } from "../crypto/signature.ts";

import type { ChainReader, DatasetFacts, JobFacts } from "./ports.ts";
import type { EdgeGroup, Finding } from "./report.ts";

/** What the credits and the allocation rest on. */
export interface CreditInputs {
  readonly program: Finding<Program>;
  readonly trace: Finding<Trace>;
  readonly rounds: Finding<RoundsFile>;
  readonly credits: Finding<Uint8Array>;
  readonly records: Finding<Uint8Array>;
  readonly accounts: Finding<readonly Hex[]>;
}

/** Judges that every part is signed by a joined operator, that the credits say so, and that the shares follow from it. */
export async function checkCredits(
  group: EdgeGroup,
  chain: ChainReader,
  job: JobFacts,
  dataset: DatasetFacts,
  inputs: CreditInputs,
): Promise<Finding<BigInt64Array>> {
  await checkPartSignatures(group, chain, job, dataset, inputs);
  const { program, rounds, credits, records, accounts } = inputs;
  await group.check(
    { id: "credits", title: "parts are credited to whoever signed them", needs: [credits, rounds, accounts] },
    (file, { signedParts }, people) => {
      const places = decodeCredits(file, job.rounds * job.parts);
      signedParts.forEach(({ operator }, index) => {
        const place = places[index] ?? -1;
        ensureCheck(
          place > dataset.accountCount && sameAddress(people[place] ?? "", operator),
          "VERIFIER_CREDIT",
          `part ${index} is credited to account ${place}, computed by ${operator}`,
        );
      });
      return { value: undefined, detail: `${places.length} parts` };
    },
  );
  return group.check(
    { id: "allocation", title: "shares follow from records and credits", needs: [program, credits, records] },
    (loaded, creditsFile, recordsFile) => {
      const amounts = allocateShares(loaded, {
        records: recordsFile,
        credits: creditsFile,
        accounts: job.accountCount,
        terms: {
          shareSupply: job.shareSupply,
          poolsBps: job.poolsBps,
          samples: dataset.count,
          credits: job.rounds * job.parts,
          initiatorAccount: dataset.accountCount,
        },
      });
      const root = fileRoot(encodeAllocation(amounts));
      ensureCheck(
        root === job.roots.allocation,
        "VERIFIER_ALLOCATION",
        `recomputing gives the allocation ${root}, claimed is ${job.roots.allocation}`,
      );
      return { value: amounts, detail: `${job.shareSupply} shares to ${amounts.length} accounts` };
    },
  );
}

async function checkPartSignatures(
  group: EdgeGroup,
  chain: ChainReader,
  job: JobFacts,
  dataset: DatasetFacts,
  { trace, rounds }: CreditInputs,
): Promise<void> {
  const domain = { chainId: chain.chainId, verifyingContract: chain.contracts.JobRegistry };
  const hashClaim = typedDataHasher(domain, CLAIM_TYPE);
  const operators = new Map<Hex, Promise<Hex | undefined>>();
  const operatorOf = (signer: Hex): Promise<Hex | undefined> => {
    const known = operators.get(signer) ?? chain.operatorOfSigner(signer);
    operators.set(signer, known);
    return known;
  };
  await group.check(
    { id: "parts:signatures", title: "every part is signed by the operator that computed it", needs: [trace, rounds] },
    async (roots, { signedParts }) => {
      for (const [index, { operator, signature }] of signedParts.entries()) {
        const round = roots.rounds[Math.floor(index / job.parts)];
        const endRoot = round?.ends[index % job.parts];
        ensureCheck(
          round !== undefined && endRoot !== undefined,
          "VERIFIER_PART_MISSING",
          `the trace has no part ${index}`,
        );
        const claim = partClaim(
          { ...job, datasetRoot: dataset.root },
          { index: BigInt(index), startRoot: round.start, endRoot },
        );
        const signer = recoverSigner(hashClaim(claim), fromHex(signature));
        const signed = signer && (await operatorOf(signer));
        ensureCheck(
          signed !== undefined && sameAddress(signed, operator),
          "VERIFIER_PART_SIGNATURE",
          `part ${index} is not signed by ${operator}`,
        );
        const joined = job.joined.some((member) => sameAddress(member, operator));
        ensureCheck(joined, "VERIFIER_PART_OPERATOR", `part ${index} is by ${operator}, who did not join the job`);
      }
      return { value: undefined, detail: `${signedParts.length} parts` };
    },
  );
}

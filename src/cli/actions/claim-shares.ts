import { LEAF_BYTES } from "../../core/bytes.ts";
import type { Contracts } from "../../chain/contracts.ts";
import { connectShares } from "../../chain/contracts.ts";
import { readChain } from "../../chain/read.ts";
import type { TxSender } from "../../chain/tx-sender.ts";
import { JOB_OUTPUTS, type JobOutput } from "../../compute/claims.ts";
import { decodeAllocation } from "../../compute/allocation.ts";
import { ACCOUNT_BYTES } from "../../core/record-layout.ts";
import { ensureInput } from "../../core/errors.ts";
import { sameAddress } from "../../crypto/address.ts";
import { FileTree } from "../../crypto/file-tree.ts";
import { decodeAccounts } from "../../models/accounts.ts";
import type { FileSource } from "../../storage/ports.ts";

const ACCOUNTS_PER_LEAF = LEAF_BYTES / ACCOUNT_BYTES;
const AMOUNTS_PER_LEAF = LEAF_BYTES / 8;

/** Where an account stands in a version's allocation. */
export interface AllocatedShares {
  readonly index: number;
  readonly amount: bigint;
}

/** The files that say who gets which shares of a version. */
export interface AllocationFiles {
  readonly accounts: Uint8Array;
  readonly allocation: Uint8Array;
}

/** Reads a version's accounts and allocation from storage. */
export async function readAllocation(
  contracts: Contracts,
  files: FileSource,
  versionId: bigint,
  signal: AbortSignal,
): Promise<AllocationFiles> {
  const { jobId } = await readChain(contracts.ModelRegistry.version(versionId));
  const { claim } = await readChain(contracts.JobRegistry.job(jobId));
  const download = (output: JobOutput): Promise<Uint8Array> =>
    files.download(Number(claim.submissions[JOB_OUTPUTS.indexOf(output)]), signal);
  const [accounts, allocation] = await Promise.all([download("accounts"), download("allocation")]);
  return { accounts, allocation };
}

/** The entries of an account, which may have contributed in several ways. */
function sharesOfAccount({ accounts, allocation }: AllocationFiles, account: string): AllocatedShares[] {
  const listed = decodeAccounts(accounts);
  const amounts = decodeAllocation(allocation, listed.length);
  return listed.flatMap((entry, index) =>
    sameAddress(entry, account) && (amounts[index] ?? 0n) > 0n ? [{ index, amount: amounts[index] ?? 0n }] : [],
  );
}

/**
 * Takes the sender's shares of a version out of escrow, with the revenue they have earned since the first day.
 * @throws GlassboxError `MODEL_NO_SHARES` if the allocation gives the sender none.
 */
export async function claimShares(
  contracts: Contracts,
  sender: TxSender,
  versionId: bigint,
  files: AllocationFiles,
): Promise<bigint> {
  const entries = sharesOfAccount(files, sender.address);
  ensureInput(entries.length > 0, "MODEL_NO_SHARES", `${sender.address} has no shares in version ${versionId}`);
  const shares = connectShares(await readChain(contracts.ModelRegistry.sharesOf(versionId)), sender.signer);
  const accountsTree = new FileTree(files.accounts);
  const allocationTree = new FileTree(files.allocation);
  let total = 0n;
  for (const { index, amount } of entries) {
    if (await readChain(shares.isClaimed(index))) continue;
    const account = accountsTree.openLeaf(Math.floor(index / ACCOUNTS_PER_LEAF));
    const allocated = allocationTree.openLeaf(Math.floor(index / AMOUNTS_PER_LEAF));
    await sender.send(
      shares.claim.populateTransaction(
        index,
        sender.address,
        amount,
        account.leaf,
        [...account.siblings],
        allocated.leaf,
        [...allocated.siblings],
      ),
    );
    total += amount;
  }
  return total;
}

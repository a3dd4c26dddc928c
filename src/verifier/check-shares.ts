import type { Hex } from "../core/bytes.ts";
import { ensureCheck } from "../core/errors.ts";
import { sameAddress } from "../crypto/address.ts";

import { ensureFacts } from "./facts.ts";
import type { ChainReader, SharesFacts, VersionFacts } from "./ports.ts";
import type { EdgeGroup, Finding } from "./report.ts";

/** Judges the share token: bound to this version's accounts and allocation, of the fixed supply, and claimed as allocated. */
export async function checkShares(
  group: EdgeGroup,
  chain: ChainReader,
  version: VersionFacts,
  accounts: Finding<readonly Hex[]>,
  allocation: Finding<BigInt64Array>,
): Promise<void> {
  const shares = await chain.shares(version);
  await group.check(
    { id: "shares", title: "shares on chain follow the allocation", needs: [accounts, allocation] },
    (people, amounts) => {
      ensureTerms(shares, version);
      for (const { index, account, amount } of shares.claims) {
        ensureCheck(
          sameAddress(people[index] ?? "", account) && amounts[index] === amount,
          "VERIFIER_SHARES_CLAIM",
          `account ${index} took ${amount} shares for ${account}, allocated are ${amounts[index]} to ${people[index]}`,
        );
      }
      const indices = new Set(shares.claims.map((claim) => claim.index));
      ensureCheck(indices.size === shares.claims.length, "VERIFIER_SHARES_CLAIM", "an account took its shares twice");
      return {
        value: undefined,
        detail: `${shares.supply} shares, ${shares.claims.length} of ${people.length} accounts claimed`,
      };
    },
  );
}

function ensureTerms(shares: SharesFacts, version: VersionFacts): void {
  ensureFacts("VERIFIER_SHARES_TERMS", "token", [
    ["version", shares.versionId, version.versionId],
    ["accounts", shares.accountsRoot, version.accountsRoot],
    ["allocation", shares.allocationRoot, version.allocationRoot],
    ["account count", shares.accountCount, version.accountCount],
    ["supply", shares.supply, version.shareSupply],
    ["total supply", shares.totalSupply, version.shareSupply],
  ]);
  ensureCheck(
    shares.paidWei <= shares.receivedWei,
    "VERIFIER_SHARES_REVENUE",
    `the token paid ${shares.paidWei} and received only ${shares.receivedWei}`,
  );
}

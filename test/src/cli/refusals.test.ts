import { expect } from "chai";

import { inUsersWords } from "../../../src/cli/refusals.ts";
import { GlassboxError } from "../../../src/core/errors.ts";

function hintFor(error: string, ...values: string[]): string | undefined {
  const refusal = new GlassboxError("revert", "CHAIN_REVERTED", "refused", { details: { error, arguments: values } });
  return (inUsersWords(refusal) as GlassboxError).hint;
}

describe("refusals", () => {
  it("say what to do, with amounts in tokens", () => {
    expect(hintFor("ServiceRegistryNotOperator", "0x12")).to.contain("glassbox operator register");
    expect(hintFor("ERC20InsufficientBalance", "0x12", "0", `1${"0".repeat(18)}`)).to.contain("needs 1 tokens");
    const held = hintFor("ServiceRegistrySeatHeld", "3", "0", "0x12", `2${"0".repeat(18)}`, `1${"0".repeat(18)}`);
    expect(held).to.equal("0x12 has 2 tokens at risk there, you have 1 tokens: name another seat");
    expect(hintFor("JobRegistryWindowOpen", "1", "1795972640")).to.contain("until 2026-11-29 17:17:20 UTC");
    expect(hintFor("JobRegistryWrongStatus", "1", "3", "2")).to.equal(
      "the job is accepted, this takes one that is claimed",
    );
    expect(hintFor("JobRegistryDatasetLength", "0", "16", "8"))
      .to.contain("samples have 16 bytes")
      .and.contain("reads 8");
    expect(hintFor("JobRegistryGamesOpen", "4", "1")).to.contain("compute dispute list --job 4");
    expect(hintFor("ServiceRegistryZeroVerifier")).to.equal(undefined);
  });
});

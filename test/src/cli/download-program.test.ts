import { expect } from "chai";

import type { Contracts } from "../../../src/chain/contracts.ts";
import { downloadProgram } from "../../../src/cli/actions/download-program.ts";
import { MAX_PROGRAM_BYTES } from "../../../src/compute/program-file.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";

describe("a job's program from storage", () => {
  it("is fetched unless it is larger than any program", async () => {
    const fetched: number[] = [];
    const files = {
      download: (submission: number) => {
        fetched.push(submission);
        return Promise.resolve(Uint8Array.of(7));
      },
    };
    const contracts = (byteLength: number): Contracts =>
      ({
        JobRegistry: { job: () => Promise.resolve({ params: { programSubmission: 5n } }) },
        Flow: { submission: () => Promise.resolve({ byteLength: BigInt(byteLength) }) },
      }) as unknown as Contracts;
    const { signal } = new AbortController();
    const tooLarge = downloadProgram(contracts(MAX_PROGRAM_BYTES + 1), files, 1n, signal);
    await expectGlassboxError(tooLarge, "usage", "CLI_FILE_TOO_LARGE");
    expect(fetched).to.deep.equal([]);
    expect(await downloadProgram(contracts(MAX_PROGRAM_BYTES), files, 1n, signal)).to.deep.equal(Uint8Array.of(7));
    expect(fetched).to.deep.equal([5]);
  });
});

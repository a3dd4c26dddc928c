import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { readDeployParameters } from "../../scripts/deploy-parameters.ts";
import { DEVELOPMENT_CHAIN_ID } from "../../src/core/chain-ids.ts";
import { rejectionCodeOf } from "../support/error-code.ts";

const COMMITTED = "deployments/params/31337.json";
const REAL_CHAIN_ID = 1;
const TOKEN = "0x00000000000000000000000000000000000000a1";

describe("readDeployParameters", () => {
  let folder: string;
  let committed: { token?: string; module: Record<string, unknown> };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-params-"));
    committed = JSON.parse(await readFile(COMMITTED, "utf8")) as typeof committed;
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function written(value: unknown): Promise<string> {
    const path = join(folder, "params.json");
    await writeFile(path, JSON.stringify(value));
    return path;
  }

  it("reads the committed parameters of the development chain", async () => {
    const { token, module } = await readDeployParameters(COMMITTED, DEVELOPMENT_CHAIN_ID);
    expect(token).to.equal(undefined);
    expect(module.storage.pricePerLeafEpochWei).to.equal(1_000_000_000n);
  });

  it("keeps the stake's delay above the longest obligation of a job", async () => {
    const { module } = await readDeployParameters(COMMITTED, DEVELOPMENT_CHAIN_ID);
    const { maxJobSeconds, maxClaimWindowSeconds, gameSeconds } = module.jobLimits;
    expect(module.delaySeconds).to.be.at.least(maxJobSeconds + maxClaimWindowSeconds + 2 * gameSeconds);
  });

  it("refuses a real chain without a token of its own", async () => {
    const path = await written(committed);
    expect(await rejectionCodeOf(() => readDeployParameters(path, REAL_CHAIN_ID))).to.equal("DEPLOY_TOKEN_MISSING");
  });

  it("accepts a real chain with one", async () => {
    const path = await written({ ...committed, token: TOKEN });
    const { token } = await readDeployParameters(path, REAL_CHAIN_ID);
    expect(token).to.equal(TOKEN);
  });

  for (const [what, change] of [
    ["an unknown key", { surprise: 1 }],
    ["an amount that is a JSON number", { keyBondWei: 1 }],
    ["a share above the whole", { workerBps: 10_001 }],
    ["an equivocation that costs nothing", { equivocationWad: "0" }],
    ["a missing delay", { delaySeconds: undefined }],
    ["a game of another deployment", { disputeGame: TOKEN }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const path = await written({ module: { ...committed.module, ...change } });
      expect(await rejectionCodeOf(() => readDeployParameters(path, DEVELOPMENT_CHAIN_ID))).to.equal(
        "DEPLOY_PARAMS_INVALID",
      );
    });
  }

  it("refuses a file that is not there", async () => {
    const path = join(folder, "missing.json");
    expect(await rejectionCodeOf(() => readDeployParameters(path, DEVELOPMENT_CHAIN_ID))).to.equal(
      "DEPLOY_PARAMS_MISSING",
    );
  });
});

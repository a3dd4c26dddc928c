import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { flagName, resolveSettings, SETTINGS } from "../../../src/cli/settings.ts";
import { errorCodeOf } from "../../support/error-code.ts";

/** What users write in their shells. */
const VARIABLES = {
  rpc: "GLASSBOX_RPC",
  addressBook: "GLASSBOX_ADDRESS_BOOK",
  keystore: "GLASSBOX_KEYSTORE",
  passwordFile: "GLASSBOX_PASSWORD_FILE",
  devAccount: "GLASSBOX_DEV_ACCOUNT",
  cacheDir: "GLASSBOX_CACHE_DIR",
  metrics: "GLASSBOX_METRICS",
  logLevel: "GLASSBOX_LOG_LEVEL",
} as const satisfies Record<keyof typeof SETTINGS, string>;

describe("settings", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-settings-"));
  });
  after(() => rm(folder, { recursive: true }));

  async function file(text: string): Promise<string> {
    const path = join(folder, "glassbox.toml");
    await writeFile(path, text);
    return path;
  }

  it("takes the flag before the environment, the file and the default", async () => {
    const path = await file('rpc = "http://file"\nkeystore = "file.json"\n');
    const flags = { rpc: "http://flag" };
    const environment = { GLASSBOX_RPC: "http://environment", GLASSBOX_KEYSTORE: "environment.json" };
    expect(resolveSettings(flags, environment, path).rpc).to.deep.equal({ value: "http://flag", origin: "flag" });
    expect(resolveSettings({}, environment, path).rpc).to.deep.equal({
      value: "http://environment",
      origin: "environment",
    });
    expect(resolveSettings({}, {}, path).rpc).to.deep.equal({ value: "http://file", origin: "file" });
    expect(resolveSettings({}, {}, await file("")).rpc).to.deep.equal({
      value: "http://127.0.0.1:8545",
      origin: "default",
    });
    const { keystore } = resolveSettings(flags, environment, path);
    expect(keystore).to.deep.equal({ value: "environment.json", origin: "environment" });
  });

  it("resolves every setting from each origin", async () => {
    for (const name of Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]) {
      const empty = await file("");
      expect(resolveSettings({ [name]: "x" }, {}, empty)[name].origin).to.equal("flag");
      expect(resolveSettings({}, { [VARIABLES[name]]: "x" }, empty)[name].origin).to.equal("environment");
      expect(resolveSettings({}, {}, await file(`${name} = "x"`))[name]).to.deep.equal({ value: "x", origin: "file" });
    }
  });

  it("takes an empty variable as none", async () => {
    const { rpc } = resolveSettings({}, { GLASSBOX_RPC: "" }, await file(""));
    expect(rpc.origin).to.equal("default");
  });

  it("derives the names of flags", () => {
    expect(flagName("addressBook")).to.equal("address-book");
  });

  it("refuses a file that is not a configuration", async () => {
    const bad = ['rpx = "http://typo"', "rpc = 8545", "rpc = ", '[rpc]\nurl = "x"'];
    for (const text of bad) {
      const path = await file(text);
      expect(
        errorCodeOf(() => resolveSettings({}, {}, path)),
        text,
      ).to.equal("CLI_CONFIG_INVALID");
    }
    expect(errorCodeOf(() => resolveSettings({}, {}, join(folder, "absent.toml")))).to.equal("CLI_CONFIG_INVALID");
  });
});

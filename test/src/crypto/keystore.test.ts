import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { Wallet } from "ethers";

import { fromHex } from "../../../src/core/bytes.ts";
import { addressOfSecretKey } from "../../../src/crypto/address.ts";
import { derivedDevelopmentKey, developmentKey } from "../../../src/crypto/development-keys.ts";
import { decryptKey, encryptKey, readKeystore, writeKeystore } from "../../../src/crypto/keystore.ts";
import { rejectionCodeOf } from "../../support/error-code.ts";

const KEY = fromHex(`0x${"42".repeat(32)}`);
const PASSWORD = "correct horse";
const CHEAP = 2;

describe("keystores", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-keystore-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("are opened by other wallets and open theirs", async () => {
    const keystore = await encryptKey(KEY, PASSWORD, CHEAP);
    expect((await Wallet.fromEncryptedJson(keystore, PASSWORD)).address).to.equal(addressOfSecretKey(KEY));
    const opened = await decryptKey(keystore, PASSWORD);
    expect(opened.address).to.equal(addressOfSecretKey(KEY));
    expect(opened.secretKey).to.deep.equal(KEY);
  });

  it("refuse weak input and report what is wrong", async () => {
    expect(await rejectionCodeOf(() => encryptKey(KEY, "short"))).to.equal("CRYPTO_PASSWORD_SHORT");
    expect(await rejectionCodeOf(() => encryptKey(new Uint8Array(32), PASSWORD))).to.equal("CRYPTO_SECRET_KEY_INVALID");
    const keystore = await encryptKey(KEY, PASSWORD, CHEAP);
    expect(await rejectionCodeOf(() => decryptKey(keystore, "wrong horse"))).to.equal("CRYPTO_PASSWORD_WRONG");
    for (const invalid of ["", "{}", "[]", keystore.slice(1), '{"version":3}']) {
      expect(await rejectionCodeOf(() => decryptKey(invalid, PASSWORD))).to.equal("CRYPTO_KEYSTORE_INVALID");
    }
  });

  it("lie in files that only the owner reads and that are never replaced", async () => {
    const path = join(folder, "keys", "a.json");
    const keystore = await encryptKey(KEY, PASSWORD, CHEAP);
    await writeKeystore(path, keystore);
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect(await rejectionCodeOf(() => writeKeystore(path, "other"))).to.equal("CRYPTO_KEYSTORE_EXISTS");
    expect((await readFile(path, "utf8")).trim()).to.equal(keystore);
    expect(await readdir(join(folder, "keys"))).to.deep.equal(["a.json"]);
    expect((await readKeystore(path, PASSWORD)).address).to.equal(addressOfSecretKey(KEY));
    expect(await rejectionCodeOf(() => readKeystore(join(folder, "none.json"), PASSWORD))).to.equal(
      "CRYPTO_KEYSTORE_MISSING",
    );
    await writeFile(join(folder, "bad.json"), "not a keystore");
    expect(await rejectionCodeOf(() => readKeystore(join(folder, "bad.json"), PASSWORD))).to.equal(
      "CRYPTO_KEYSTORE_INVALID",
    );
  });
});

describe("development keys", () => {
  it("are those that development chains fund", () => {
    expect(addressOfSecretKey(developmentKey(31337, 0))).to.equal("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    expect(addressOfSecretKey(developmentKey(31337n, 1))).to.equal("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
  });

  it("are derived from seed and name", () => {
    const key = derivedDevelopmentKey(31337, "seed", "contributor 0");
    expect(derivedDevelopmentKey(31337, "seed", "contributor 0")).to.deep.equal(key);
    expect(derivedDevelopmentKey(31337, "seed", "contributor 1")).not.to.deep.equal(key);
    expect(derivedDevelopmentKey(31337, "other", "contributor 0")).not.to.deep.equal(key);
  });

  it("are refused on every other chain", () => {
    for (const chainId of [1, 31336, 31338n]) {
      for (const make of [() => developmentKey(chainId, 0), () => derivedDevelopmentKey(chainId, "a", "b")]) {
        expect(make).to.throw().with.property("code", "CRYPTO_DEVELOPMENT_KEY_REFUSED");
      }
    }
  });
});

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { runProcess } from "../../support/command-line.ts";

/** A port that nothing listens on. */
const NO_CHAIN = "http://127.0.0.1:1";

describe("command line processes", function () {
  this.timeout(120_000);

  let folder: string;
  let foreign: Server;
  let foreignUrl: string;
  let answer = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-cli-"));
    await writeFile(join(folder, "password.txt"), "correct horse battery\n");
    foreign = createServer((_, response) => response.end(answer)).listen(0, "127.0.0.1");
    await new Promise((resolve) => foreign.once("listening", resolve));
    foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  });
  after(async () => {
    foreign.close();
    await rm(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);

  describe("exit codes", () => {
    it("0 for help, the version and what worked", async () => {
      const { code, stdout, stderr } = await runProcess(["--help"]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
      expect(stdout).to.contain("Usage: glassbox");
      const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
      expect(await runProcess(["--version"])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: "" });
    });

    it("2 for a command line that is not understood, in one line and a hint", async () => {
      const { code, stdout, stderr } = await runProcess(["config", "--jsn"]);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
      expect(stderr).to.match(
        /^glassbox: unknown option '--jsn' \(Did you mean --json\?\) \[CLI_USAGE\]\n {2}hint: .*\n$/,
      );
    });

    it("2 for help with a command that there is not", async () => {
      for (const argv of [
        ["help", "bogus"],
        ["bogus", "--help"],
      ]) {
        const { code, stdout, stderr } = await runProcess(argv);
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
        expect(stderr).to.contain("unknown command 'bogus'").and.contain("[CLI_USAGE]");
      }
      expect(await runProcess(["help", "stake"])).to.include({ code: 0, stderr: "" });
    });

    it("2 for a devnet that can't be started as asked, before anything is", async () => {
      const { port } = new URL(foreignUrl);
      const cases = [
        [["--port", port], "CLI_PORT_TAKEN"],
        [["--storage-workers", "9"], "CLI_NUMBER_INVALID"],
        [["--compute-workers", "-3"], "CLI_NUMBER_INVALID"],
      ] as const;
      for (const [flags, error] of cases) {
        const { code, stdout, stderr } = await runProcess(["devnet", ...flags]);
        expect({ code, stdout }, error).to.deep.equal({ code: 2, stdout: "" });
        expect(stderr).to.match(new RegExp(`^glassbox: .*\\[${error}\\]\n`));
      }
    });

    it("2 as a JSON line if asked", async () => {
      const { code, stdout, stderr } = await runProcess(["storage", "root", at("absent"), "--json"]);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
      const { error } = JSON.parse(stderr) as { error: Record<string, unknown> };
      expect(error).to.include({ kind: "usage", code: "CLI_FILE_MISSING" });
    });

    it("4 if no chain answers, or something that is no chain", async () => {
      const gone = await runProcess(["compute", "job", "status", "1", "--rpc", NO_CHAIN]);
      expect(gone).to.include({ code: 4, stdout: "" });
      expect(gone.stderr).to.contain("CHAIN_UNREACHABLE");
      for (const nonsense of ["<html>", "{}", '{"jsonrpc":"2.0","id":1,"result":"moon"}', '{"result":-1}', "[]"]) {
        answer = nonsense;
        const { code, stderr } = await runProcess(["compute", "job", "status", "1", "--rpc", foreignUrl]);
        expect(code, nonsense).to.equal(4);
        expect(stderr).to.contain("CHAIN_UNREACHABLE");
      }
    });
  });

  describe("settings", () => {
    it("come from flags, the environment, a file and defaults, with their origin", async () => {
      await writeFile(at("glassbox.toml"), 'logLevel = "error"\nrpc = "http://file"\n');
      const { code, stdout } = await runProcess(
        ["config", "--json", "--config", at("glassbox.toml"), "--dev-account", "3"],
        { GLASSBOX_RPC: "http://environment" },
      );
      expect(code).to.equal(0);
      const settings = JSON.parse(stdout) as Record<string, unknown>;
      expect(settings).to.deep.include({
        devAccount: { value: "3", origin: "flag" },
        rpc: { value: "http://environment", origin: "environment" },
        logLevel: { value: "error", origin: "file" },
      });
    });
  });

  describe("storage root", () => {
    it("prints the root alone", async () => {
      for (const byteLength of [1, 256, 1_000]) {
        const bytes = Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + 7) & 255);
        await writeFile(at("file.bin"), bytes);
        const outcome = await runProcess(["storage", "root", at("file.bin")]);
        expect(outcome).to.deep.equal({ code: 0, stdout: `${fileRoot(bytes)}\n`, stderr: "" });
      }
    });

    it("refuses an empty file, a missing one and a folder", async () => {
      await writeFile(at("empty"), "");
      const empty = await runProcess(["storage", "root", at("empty")]);
      expect(empty).to.include({ code: 2, stdout: "" });
      expect(empty.stderr).to.contain("CRYPTO_FILE_EMPTY");
      for (const path of [at("absent"), folder]) {
        const outcome = await runProcess(["storage", "root", path]);
        expect(outcome).to.include({ code: 2, stdout: "" });
        expect(outcome.stderr).to.contain("CLI_FILE_MISSING");
      }
    });
  });

  describe("keys", () => {
    const account = (name: string) => ["--keystore", at(name), "--password-file", at("password.txt")];

    it("makes an encrypted key that only its owner can read, and finds its address without a chain", async () => {
      const made = await runProcess(["keys", "new", at("key.json"), "--password-file", at("password.txt"), "--json"]);
      expect(made).to.include({ code: 0, stderr: "" });
      const { address, keystore } = JSON.parse(made.stdout) as Record<string, string>;
      expect(keystore).to.equal(at("key.json"));
      expect((await stat(at("key.json"))).mode & 0o777).to.equal(0o600);
      expect(JSON.parse(await readFile(at("key.json"), "utf8"))).to.include({ version: 3 });
      const shown = await runProcess(["keys", "address", ...account("key.json"), "--rpc", NO_CHAIN]);
      expect(shown).to.deep.equal({ code: 0, stdout: `${address ?? ""}\n`, stderr: "" });
    });

    it("never replaces a key", async () => {
      const before = await readFile(at("key.json"), "utf8");
      const again = await runProcess(["keys", "new", at("key.json"), "--password-file", at("password.txt")]);
      expect(again).to.include({ code: 2, stdout: "" });
      expect(again.stderr).to.contain("CRYPTO_KEYSTORE_EXISTS");
      expect(await readFile(at("key.json"), "utf8")).to.equal(before);
      expect((await readdir(folder)).filter((name) => name.includes("partial"))).to.deep.equal([]);
    });

    it("refuses a missing or short password, and the wrong one", async () => {
      await writeFile(at("short.txt"), "seven77\n");
      await writeFile(at("wrong.txt"), "correct horse batteries\n");
      const cases = [
        [["keys", "new", at("other.json")], "CLI_PASSWORD_MISSING"],
        [["keys", "new", at("other.json"), "--password-file", at("absent.txt")], "CLI_PASSWORD_MISSING"],
        [["keys", "new", at("other.json"), "--password-file", at("short.txt")], "CRYPTO_PASSWORD_SHORT"],
        [["keys", "address", "--keystore", at("key.json")], "CLI_ACCOUNT_MISSING"],
        [
          ["keys", "address", "--keystore", at("key.json"), "--password-file", at("wrong.txt")],
          "CRYPTO_PASSWORD_WRONG",
        ],
        [["keys", "address", ...account("absent.json")], "CRYPTO_KEYSTORE_MISSING"],
        [["keys", "address", ...account("password.txt")], "CRYPTO_KEYSTORE_INVALID"],
      ] as const;
      for (const [argv, code] of cases) {
        const outcome = await runProcess(argv);
        expect(outcome, code).to.include({ code: 2, stdout: "" });
        expect(outcome.stderr).to.contain(code);
      }
      expect(await readdir(folder)).not.to.include("other.json");
    });

    it("refuses development keys on any other chain", async () => {
      answer = '{"jsonrpc":"2.0","id":1,"result":"0x1"}';
      const outcome = await runProcess(["keys", "address", "--dev-account", "0", "--rpc", foreignUrl]);
      expect(outcome).to.include({ code: 2, stdout: "" });
      expect(outcome.stderr).to.contain("CRYPTO_DEVELOPMENT_KEY_REFUSED");
    });
  });
});

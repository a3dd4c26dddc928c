import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { parseEther, Wallet } from "ethers";

import { CONTRACT_NAMES } from "../../src/chain/contract-names.ts";
import { readAddressBook } from "../../src/chain/address-book.ts";
import { connectContracts, type Contracts } from "../../src/chain/contracts.ts";
import { eventOf } from "../../src/chain/events.ts";
import { connectChain } from "../../src/chain/provider.ts";
import { chainTime } from "../../src/chain/read.ts";
import { TxSender } from "../../src/chain/tx-sender.ts";
import { PROJECT_ROOT } from "../../src/cli/hardhat.ts";
import { Stage } from "../../src/cli/demo/stage.ts";
import { FileTree } from "../../src/crypto/file-tree.ts";
import { FlowWriter } from "../../src/storage/flow-writer.ts";
import { PART_BODY_LIMIT } from "../../src/worker/part-protocol.ts";
import { STORAGE_LIMITS } from "../../src/worker/storage-server.ts";
import { runProcess } from "../support/command-line.ts";
import { DevnetProcess } from "../support/devnet-process.ts";
import { variedFile } from "../support/files.ts";
import { isListening, post, postPart, rpc, type RpcAnswer } from "../support/http.ts";
import { Scratch } from "../support/scratch.ts";
import { uploadsOf, wireSegment } from "../support/storage-files.ts";

interface DevnetLine {
  readonly rpc: string;
  readonly chainId: number;
  readonly contracts: Readonly<Record<string, string>>;
  readonly storageWorkers: readonly string[];
  readonly indexer: string;
  readonly computeWorkers: readonly string[];
  readonly watcher: string;
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
  readonly consensusService: number;
}

const SDK = fileURLToPath(new URL("../compat/0g-sdk/", import.meta.url));
/** An account that plays no part on the network. */
const STRANGER = 15;

describe("glassbox devnet", function () {
  this.timeout(300_000);

  const scratch = new Scratch();
  const addressBook = join(scratch.path, "addresses.json");
  let devnet: DevnetProcess;
  let line: DevnetLine;
  let worker: string;

  before(async () => {
    devnet = new DevnetProcess(["--address-book", addressBook], scratch.environment);
    line = JSON.parse(await devnet.firstLine()) as DevnetLine;
    worker = line.storageWorkers[0] ?? "";
  });

  after(async () => {
    await devnet.interrupt();
    scratch.remove();
  });

  describe("first line", () => {
    it("has exactly the promised fields", () => {
      const fields = ["rpc", "chainId", "contracts", "storageWorkers", "indexer", "computeWorkers", "watcher"];
      expect(Object.keys(line)).to.deep.equal([...fields, "accounts", "consensusService"]);
      expect(Object.keys(line.contracts)).to.deep.equal(CONTRACT_NAMES);
      expect(line.storageWorkers).to.have.length(3);
      expect(line.computeWorkers).to.have.length(3);
      expect(line.watcher).to.match(/^http/);
    });

    it("names a chain with the contracts and funded accounts", async () => {
      const provider = await connectChain(line.rpc, line.chainId);
      for (const address of Object.values(line.contracts))
        expect(await provider.getCode(address)).to.have.length.above(2);
      for (const { address, privateKey } of line.accounts) {
        expect(new Wallet(privateKey).address.toLowerCase()).to.equal(address.toLowerCase());
        expect((await provider.getBalance(address)) > 0n).to.equal(true);
      }
      provider.destroy();
    });

    it("names a consensus network, whose table of this epoch holds all operators", async () => {
      const provider = await connectChain(line.rpc, line.chainId);
      const { QuorumVerifier, ServiceRegistry } = connectContracts(await readAddressBook(addressBook), provider);
      const owner = await TxSender.create(new Wallet(line.accounts[0]!.privateKey, provider));
      const epoch = (await chainTime(provider)) / (await ServiceRegistry.epochSeconds());
      const { seats } = await ServiceRegistry.service(line.consensusService);
      const receipt = await owner.send(
        QuorumVerifier.buildTable.populateTransaction(line.consensusService, epoch, seats),
      );
      const coordinator = 1;
      const operators = line.storageWorkers.length + line.computeWorkers.length + coordinator;
      const { rows, totalWeight } = eventOf(receipt, QuorumVerifier, "TableBuilt");
      expect({ rows, totalWeight }).to.deep.equal({
        rows: BigInt(operators),
        totalWeight: BigInt(operators) * parseEther("1000"),
      });
      provider.destroy();
    });

    it("names workers and an indexer that answer", async () => {
      for (const url of line.storageWorkers) expect(await rpc(url, "zgs_getStatus")).to.have.property("result");
      expect(await rpc(line.indexer, "indexer_getShardedNodes")).to.have.nested.property("result.trusted");
      for (const url of line.computeWorkers) expect((await fetch(new URL("/v1/status", url))).status).to.equal(200);
    });

    it("stays the only one", () => {
      expect(devnet.lines).to.have.length(1);
    });
  });

  describe("0G client", () => {
    it("takes and gives back files of 1 B to 4 MiB unmodified", async () => {
      if (!existsSync(join(SDK, "node_modules"))) await run("npm", ["install", "--no-audit", "--no-fund"]);
      const { privateKey } = line.accounts[STRANGER]!;
      const output = await run(process.execPath, ["round-trip.mjs", line.rpc, line.indexer, privateKey]);
      expect(JSON.parse(output)).to.deep.include({ files: 10 });
    });
  });

  describe("bad input", () => {
    const file = variedFile(700_000);
    const tree = new FileTree(file);
    let contracts: Contracts;
    let submission: number;
    let close: () => void = () => undefined;

    before(async () => {
      const provider = await connectChain(line.rpc, line.chainId);
      contracts = connectContracts(await readAddressBook(addressBook), provider);
      const wallet = new Wallet(line.accounts[STRANGER]!.privateKey, provider);
      const flow = new FlowWriter(contracts, await TxSender.create(wallet));
      submission = await flow.submit(file.length, tree.submissionNodes());
      close = () => {
        provider.destroy();
      };
      const known = async () => (await rpc(worker, "zgs_getFileInfoByTxSeq", [submission])).result ?? undefined;
      await new Stage(new AbortController().signal, () => undefined).until("the submission", 30, known);
    });

    after(() => {
      close();
    });

    const cases: readonly [name: string, request: () => Promise<RpcAnswer>, data: string][] = [
      ["no JSON", () => post(worker, '{"jsonrpc":"2.0","id":1,"method":"zgs_getSta'), "STORAGE_RPC_SYNTAX"],
      ["an empty body", () => post(worker, ""), "STORAGE_RPC_SYNTAX"],
      [
        "another protocol",
        () => post(worker, '{"jsonrpc":"1.0","id":1,"method":"zgs_getStatus"}'),
        "STORAGE_RPC_INVALID",
      ],
      ["an empty batch", () => post(worker, "[]"), "STORAGE_RPC_INVALID"],
      ["a method that is not there", () => rpc(worker, "zgs_deleteFile", [0]), "STORAGE_METHOD_UNKNOWN"],
      ["parameters of another form", () => rpc(worker, "zgs_getFileInfoByTxSeq", [-1]), "STORAGE_PARAMS_INVALID"],
      ["a proof of another depth", () => upload({ proof: deeper() }), "CRYPTO_PROOF_DEPTH"],
      ["a segment without its end", () => upload({ data: "AAAA" }), "CRYPTO_SEGMENT_LENGTH"],
      ["another file's size", () => upload({ fileSize: file.length + 1 }), "STORAGE_LENGTH_MISMATCH"],
    ];
    for (const [name, request, code] of cases) {
      it(`answers ${name} with ${code} and stays as it was`, async () => {
        const before = await state();
        const { error } = await request();
        expect(error?.data).to.match(new RegExp(`^${code}`));
        expect(await state()).to.deep.equal(before);
      });
    }

    it("refuses a huge body before it was sent, and stays as it was", async () => {
      const before = await state();
      expect(await postPart(worker, STORAGE_LIMITS.bodyBytes + 1, '{"jsonrpc":')).to.contain("STORAGE_BODY_LENGTH");
      expect(await state()).to.deep.equal(before);
    });

    it("drops a request whose body ends early, and stays as it was", async () => {
      const before = await state();
      const params = [segment(), submission];
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "zgs_uploadSegmentByTxSeq", params });
      expect(await postPart(worker, body.length, body.slice(0, -100))).to.not.contain("result");
      expect(await state()).to.deep.equal(before);
    });

    it("still takes the true segments afterwards", async () => {
      expect(await rpc(worker, "zgs_uploadSegmentByTxSeq", [segment(), submission])).to.have.property("result", 0);
      expect((await state()).file).to.have.property("uploadedSegNum", 1);
    });

    it("refuses to submit an empty file", async () => {
      const empty = join(scratch.path, "empty");
      await writeFile(empty, "");
      const before = await contracts.Flow.numSubmissions();
      const flags = ["--rpc", line.rpc, "--address-book", addressBook, "--dev-account", String(STRANGER)];
      const { code, stderr } = await runProcess(["storage", "upload", empty, "--json", ...flags]);
      expect(code).to.equal(2);
      expect(JSON.parse(stderr)).to.have.nested.property("error.code", "CRYPTO_FILE_EMPTY");
      expect(await contracts.Flow.numSubmissions()).to.equal(before);
    });

    it("is refused by compute workers too", async () => {
      const [url = ""] = line.computeWorkers;
      const malformed = await post(new URL("/v1/parts", url).href, '{"job":"1"}');
      expect(malformed).to.have.nested.property("error.code", "HTTP_BODY_INVALID");
      const huge = await postPart(new URL("/v1/parts", url).href, PART_BODY_LIMIT + 1, "{");
      expect(huge).to.contain("HTTP_REQUEST_REFUSED");
    });

    /** What the worker knows that a bad request could have changed. */
    async function state(): Promise<{ nextTxSeq: unknown; file: unknown }> {
      const { nextTxSeq } = (await rpc(worker, "zgs_getStatus")).result as Record<string, unknown>;
      return { nextTxSeq, file: (await rpc(worker, "zgs_getFileInfoByTxSeq", [submission])).result };
    }

    function segment(): Record<string, unknown> {
      return wireSegment(uploadsOf(file)[0]!);
    }

    function deeper(): unknown {
      const { lemma, path } = uploadsOf(file)[0]!.proof;
      return { lemma: [lemma[0], ...lemma], path: [true, ...path] };
    }

    function upload(change: object): Promise<RpcAnswer> {
      return rpc(worker, "zgs_uploadSegmentByTxSeq", [{ ...segment(), ...change }, submission]);
    }
  });

  describe("Ctrl-C", () => {
    it("ends it and leaves nothing behind", async () => {
      expect(existsSync(addressBook)).to.equal(true);
      expect(await devnet.interrupt()).to.equal(0);
      for (const url of [line.rpc, line.indexer, ...line.storageWorkers, ...line.computeWorkers]) {
        expect(await isListening(url), url).to.equal(false);
      }
      expect(scratch.processes()).to.deep.equal([]);
      expect(scratch.files()).to.deep.equal(["empty"]);
    });

    it("leaves nothing behind while it deploys", async () => {
      const journals = () => readdirSync(join(PROJECT_ROOT, "deployments/ignition/deployments"));
      const before = journals();
      const early = new DevnetProcess(["--address-book", addressBook], scratch.environment);
      await early.told("deploying the contracts");
      expect(await early.interrupt()).to.equal(130);
      expect(early.lines).to.deep.equal([]);
      expect(journals()).to.deep.equal(before);
      expect(scratch.processes()).to.deep.equal([]);
      expect(scratch.files()).to.deep.equal(["empty"]);
    });
  });

  /** Runs a program in the 0G client's package. @returns its standard output */
  async function run(program: string, args: readonly string[]): Promise<string> {
    const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const child = spawn(program, args, {
      cwd: SDK,
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(child, "close");
    expect(child.exitCode, stderr).to.equal(0);
    return stdout;
  }
});

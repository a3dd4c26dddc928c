import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { Child } from "../../../src/cli/network/child.ts";
import { answerClaim } from "../../../src/compute/claims.ts";
import { toHex, type Hex } from "../../../src/core/bytes.ts";
import { developmentKey } from "../../../src/crypto/development-keys.ts";
import { typedDataDigest } from "../../../src/crypto/eip712.ts";
import { CLAIM_TYPE } from "../../../src/crypto/messages.ts";
import { signDigest } from "../../../src/crypto/signature.ts";
import { parsePublicReceipt, publicReceiptToJson } from "../../../src/models/public-receipt.ts";
import { commandsOn } from "../../support/command-line.ts";
import { type Deployment, startDeployment } from "../../support/deployment.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { serveRaw } from "../../support/part-server.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

const OPERATOR = 4;

describe("public answers of a compute worker", function () {
  this.timeout(180_000);

  let deployment: Deployment;
  let folder: string;
  let worker: Child;
  let url: string;
  const at = (name: string): string => join(folder, name);
  const { on } = commandsOn(() => deployment.flags);

  before(async () => {
    deployment = await startDeployment();
    folder = await mkdtemp(join(tmpdir(), "glassbox-cli-"));
    const { address, send } = await registrar();
    await send(deployment.contracts.OperatorRegistry.register.populateTransaction(address, ""));
    await on(["model", "import", "lande", "--out", at("lande")]);
    await writeFile(at("text"), "In welcher Sprache ist dieser Satz geschrieben?");
    const words = ["compute", "worker", "--data", at("data"), "--port", "0", "--serve", at("lande"), "--json"];
    worker = new Child({
      name: "compute-worker",
      // No file is fetched: the model is served from its folder.
      args: [
        "src/cli/main.ts",
        ...words,
        "--node",
        "http://127.0.0.1:1",
        "--dev-account",
        String(OPERATOR),
        ...deployment.flags,
      ],
      logFolder: deployment.folder,
    });
    const ready = (line: string): string | undefined => (JSON.parse(line) as { url?: string }).url;
    url = await worker.ready(ready, 60_000, new AbortController().signal);
  });
  after(async () => {
    await worker.stop();
    await deployment.stop();
    await rm(folder, { recursive: true });
  });

  async function registrar() {
    const sender = await deployment.sender(OPERATOR);
    return { address: sender.address, send: sender.send.bind(sender) };
  }

  it("come with a receipt, which is repeated at once, and by whoever has it later", async () => {
    const asked = ["model", "run", at("lande"), at("text"), "--worker", url, "--receipt", at("receipt.json")];
    const { value } = await on(asked);
    expect(value).to.include({ meaning: "deu", operator: (await registrar()).address });
    const { value: report } = await on(["verify", "receipt", at("receipt.json"), "--model", at("lande")]);
    expect(report).to.deep.include({ verdict: "pass", passed: 4 });
    expect((await on(["verify", "receipt", at("receipt.json")])).value).to.deep.include({ verdict: "pass", passed: 2 });
  });

  it("are refused if they are wrong, and the signed lie is kept", async () => {
    await on(["model", "run", at("lande"), at("text"), "--worker", url, "--receipt", at("honest.json")]);
    const receipt = parsePublicReceipt(JSON.parse(await readFile(at("honest.json"), "utf8")));
    const lie = { ...receipt, answer: receipt.answer + 1 };
    const domain = { chainId: 31337n, verifyingContract: deployment.book.contracts.JobRegistry as Hex };
    const digest = typedDataDigest(domain, CLAIM_TYPE, answerClaim(lie));
    const signature = toHex(signDigest(digest, developmentKey(31337, OPERATOR)));
    const liar = await serveRaw((_request, response) => {
      response.end(JSON.stringify(publicReceiptToJson({ ...lie, signature })));
    });
    try {
      const words = ["model", "run", at("lande"), at("text"), "--worker", liar.url, "--receipt", at("lie.json")];
      const error = await expectGlassboxError(on(words), "check", "MODEL_ANSWER_WRONG");
      expect(error.details["failed"]).to.deep.equal(["receipt:answer"]);
    } finally {
      await liar.close();
    }
    const judged = on(["verify", "receipt", at("lie.json"), "--model", at("lande")]);
    await expectGlassboxError(judged, "check", "VERIFIER_FAILED");
  });

  it("are of a program that the chain takes, and that no job trains", async () => {
    const { ProgramRegistry, JobRegistry } = deployment.contracts;
    expect(await ProgramRegistry.isRegistered(vectors.lande.program)).to.equal(false);
    const register = ["compute", "program", "register", at("lande/program")];
    for (let time = 0; time < 2; time++) {
      expect((await on(register, OPERATOR)).value).to.deep.equal({ programRoot: vectors.lande.program });
      expect(await ProgramRegistry.isRegistered(vectors.lande.program)).to.equal(true);
    }
    const open = ["compute", "job", "open", "--model", "1", "--dataset", "1", "--program", at("lande/program")];
    const opening = on([...open, "--node", "http://127.0.0.1:1"], OPERATOR);
    await expectGlassboxError(opening, "usage", "CLI_PROGRAM_UNTRAINABLE");
    expect(await JobRegistry.jobCount()).to.equal(0n);
  });

  it("are challenged only if they are wrong, and signed by a member of the compute service", async () => {
    const challenging = (name: string) => on(["compute", "dispute", "answer", at(name), "--model", at("lande")], 9);
    await expectGlassboxError(challenging("honest.json"), "check", "COMPUTE_GAME_HOPELESS");
    const receipt = parsePublicReceipt(JSON.parse(await readFile(at("lie.json"), "utf8")));
    const forged = publicReceiptToJson({ ...receipt, answer: (receipt.answer + 1) % 50 });
    await writeFile(at("forged.json"), JSON.stringify(forged));
    await expectGlassboxError(challenging("forged.json"), "check", "COMPUTE_RECEIPT_WORTHLESS");
    const error = await expectGlassboxError(challenging("lie.json"), "revert", "CHAIN_REVERTED");
    expect(error.details["error"]).to.equal("DisputeGameNotMember");
    expect(await deployment.contracts.DisputeGame.gameCount()).to.equal(0n);
  });

  it("are asked and checked with words that make sense only", async () => {
    const asked = ["model", "run", at("lande"), at("text")];
    await expectGlassboxError(on([...asked, "--receipt", at("none.json")]), "usage", "CLI_OPTION_UNUSED");
    await expectGlassboxError(on([...asked, "--worker", "here"]), "usage", "CLI_URL_INVALID");
    await expectGlassboxError(on(["verify", "receipt", at("text")]), "usage", "CLI_FILE_INVALID");
    await writeFile(at("empty.json"), "{}");
    await expectGlassboxError(on(["verify", "receipt", at("empty.json")]), "usage", "MODELS_RECEIPT_INVALID");
  });
});

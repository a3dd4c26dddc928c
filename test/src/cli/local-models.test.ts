import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { DEFAULT_TRAINING, mlp } from "../../../src/compute/networks/mlp.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { fileRoot } from "../../../src/crypto/file-tree.ts";
import { readIris } from "../../../src/models/iris.ts";
import { runCommand, runProcess } from "../../support/command-line.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import vectors from "../../support/vectors/compute.json" with { type: "json" };

const IRIS = ["softmax:5-3", "--batch", "24", "--steps", "8", "--rate", "8"];

describe("models on this machine", function () {
  this.timeout(60_000);

  let folder: string;
  const at = (name: string): string => join(folder, name);
  const train = (out: string, ...more: string[]): ReturnType<typeof runCommand> =>
    runCommand(["model", "train", ...IRIS, "--data", "iris", "--rounds", "20", "--out", at(out), ...more]);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-models-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("are trained to the same bits each time, and to others with another seed", async () => {
    const { value } = await train("iris");
    expect(value["accuracy"]).to.be.above(0.9);
    const [program, weights] = await Promise.all(["iris/program", "iris/weights"].map((name) => readFile(at(name))));
    expect(value["programRoot"]).to.equal(fileRoot(program ?? Buffer.of(0)));
    expect(value["weightsRoot"]).to.equal(fileRoot(weights ?? Buffer.of(0)));
    expect((await train("again")).value["weightsRoot"]).to.equal(value["weightsRoot"]);
    expect((await train("other", "--seed", `0x${"11".repeat(32)}`)).value["weightsRoot"]).not.to.equal(
      value["weightsRoot"],
    );
  });

  it("are measured, and answer", async () => {
    const trained = await train("measured");
    const { value } = await runCommand(["model", "eval", at("measured"), "--data", "iris"]);
    expect(value["accuracy"]).to.equal(trained.value["accuracy"]);
    const { samples, labels } = readIris("test");
    const sampling = ["model", "sample", "--data", "iris", "--out", at("flower"), "--index"];
    const { value: flower } = await runCommand([...sampling, "11"]);
    expect(flower).to.include({ bytes: 5, label: labels[11], meaning: "versicolor" });
    expect(await readFile(at("flower"))).to.deep.equal(Buffer.from(samples.subarray(55, 60)));
    const answered = await runCommand(["model", "run", at("measured"), at("flower")]);
    expect(answered.value).to.include({ answer: labels[11], meaning: "versicolor" });
    await expectGlassboxError(runCommand([...sampling, "30"]), "usage", "CLI_NUMBER_INVALID");
    expect(await readFile(at("flower"))).to.have.length(5);
  });

  it("have names, which a wrong one is told", async () => {
    const error = await expectGlassboxError(
      runCommand(["compute", "program", "show", "digits:mpl"]),
      "usage",
      "CLI_FILE_MISSING",
    );
    expect(error.hint).to.contain("digits:mlp").and.contain("mlp:784-128-10");
  });

  it("are trained by jobs with the settings of an architecture only if they are one", async () => {
    const open = ["compute", "job", "open", "--model", "1", "--dataset", "1", "--parts", "3"];
    for (const more of [[], ["--program", "digits:mlp"]]) {
      await expectGlassboxError(runCommand([...open, ...more]), "usage", "CLI_OPTION_UNUSED");
    }
  });

  it("come from a package: lande tells the language of a text", async () => {
    const { value } = await runCommand(["model", "import", "lande", "--out", at("lande")]);
    expect([value["programRoot"], value["weightsRoot"]]).to.deep.equal([vectors.lande.program, vectors.lande.weights]);
    await writeFile(at("text"), "Bu cümle hangi dilde yazılmıştır?\n");
    const answered = await runCommand(["model", "run", at("lande"), at("text")]);
    expect(answered.value["meaning"]).to.equal("tur");
    await expectGlassboxError(
      runCommand(["model", "train", at("lande/program"), "--data", "iris", "--out", at("no")]),
      "usage",
      "CLI_PROGRAM_UNTRAINABLE",
    );
  });

  it("are refused by name, and nothing is written", async () => {
    const refused: [string[], string][] = [
      [["rnn:5-3"], "CLI_FILE_MISSING"],
      [["mlp:5"], "COMPUTE_ARCHITECTURE_UNKNOWN"],
      [["softmax:4-3"], "CLI_DATA_MISMATCH"],
      [["softmax:5-2"], "CLI_DATA_MISMATCH"],
      [["softmax:5-3", "--rounds", "0"], "CLI_NUMBER_INVALID"],
      [["softmax:5-3", "--rate", "0"], "CLI_RATE_INVALID"],
      [["softmax:5-3", "--seed", "0x12"], "CLI_SEED_INVALID"],
      [["softmax:5-3", "--name", "n".repeat(65)], "CLI_NAME_INVALID"],
      [["softmax:5-3", "--batch", "0"], "COMPUTE_HEADER_RANGE"],
    ];
    for (const [words, code] of refused) {
      const argv = ["model", "train", ...words, "--data", "iris", "--out", at("refused")];
      await expectGlassboxError(runCommand(argv), "usage", code);
    }
    await expectGlassboxError(
      runCommand(["model", "train", "softmax:5-3", "--data", at("nowhere"), "--out", at("refused")]),
      "usage",
      "MODELS_SAMPLES_MISSING",
    );
    expect(existsSync(at("refused"))).to.equal(false);
    await expectGlassboxError(runCommand(["model", "run", at("none"), at("flower")]), "usage", "MODELS_FOLDER_MISSING");
  });

  it("have programs that are written, and shown line by line", async () => {
    const file = at("digits.program");
    const built = await runCommand(["compute", "program", "build", "mlp:784-32-10", "--parts", "3", "--out", file]);
    const shown = await runCommand(["compute", "program", "show", file]);
    expect(built.text).to.equal(`${shown.text}\n\nwritten to ${file}`);
    expect(shown.value["programRoot"]).to.equal(fileRoot(await readFile(file)));
    await expectGlassboxError(
      runCommand(["compute", "program", "show", file, "--parts", "2"]),
      "usage",
      "CLI_OPTION_UNUSED",
    );
    await writeFile(file, encodeProgram(mlp(DEFAULT_TRAINING.sizes, DEFAULT_TRAINING)));
    const recipe = await runCommand(["compute", "program", "show", file]);
    expect(recipe.text.startsWith(`program ${vectors.program.root}\n`)).to.equal(true);
  });

  it("are trained by a process that writes its result as JSON", async () => {
    const argv = ["model", "train", ...IRIS, "--data", "iris", "--rounds", "2", "--out", at("process"), "--json"];
    const { code, stdout } = await runProcess(argv);
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ samples: 30, rounds: 2 });
  });
});

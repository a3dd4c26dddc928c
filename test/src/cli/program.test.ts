import { globSync, readFileSync } from "node:fs";

import { expect } from "chai";

import type { Command } from "../../../src/cli/command.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { parseCommandLine, type Invocation } from "../../../src/cli/program.ts";
import { SETTINGS, flagName } from "../../../src/cli/settings.ts";
import { GlassboxError } from "../../../src/core/errors.ts";

const VERSION = "1.2.3";

/** A command with the words that lead to it. */
interface Placed {
  readonly path: readonly string[];
  readonly command: Command;
}

function everyCommand(command: Command, path: readonly string[] = []): Placed[] {
  const below = (command.subcommands ?? []).flatMap((child) => everyCommand(child, [...path, child.name]));
  return [{ path, command }, ...below];
}

/** The lines of README and guides that begin with the launcher. */
function documentedLines(): string[] {
  const root = new URL("../../../", import.meta.url);
  const pages = globSync(["README.md", "docs/**/*.md"], { cwd: root });
  return pages.flatMap((page) =>
    [...readFileSync(new URL(page, root), "utf8").matchAll(/^ *(\.\/glassbox .*)$/gm)].map(([, line = ""]) => line),
  );
}

function parse(...argv: string[]): Invocation | undefined {
  return parseCommandLine(COMMANDS, VERSION, argv);
}

function usageError(...argv: string[]): GlassboxError {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof GlassboxError) return error;
    throw error;
  }
  throw new Error(`understood: ${argv.join(" ")}`);
}

/** What parsing prints: help and the version go to standard output. */
function printed(...argv: string[]): string {
  const write = process.stdout.write.bind(process.stdout);
  let text = "";
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  try {
    expect(parse(...argv)).to.equal(undefined);
  } finally {
    process.stdout.write = write;
  }
  return text;
}

describe("command line", () => {
  const all = everyCommand(COMMANDS);
  const leaves = all.filter(({ command }) => command.load);

  it("understands every command line of the documentation", () => {
    const lines = documentedLines();
    expect(lines.length).to.be.greaterThan(50);
    for (const line of lines) {
      const [program, ...words] = line.split(" ");
      expect(program).to.equal("./glassbox");
      expect(parse(...words), line).not.to.equal(undefined);
    }
  });

  it("tells no default twice, and none that is empty", () => {
    for (const { path, command } of leaves) {
      for (const { flag, summary, default: value } of command.options ?? [])
        expect(value !== undefined && summary.includes("(default:"), `${path.join(" ")} --${flag}`).to.equal(false);
      expect(printed(...path, "--help"), path.join(" ")).not.to.include("(default: [])");
    }
  });

  it("has an example for every command that it understands itself", () => {
    for (const { path, command } of all) {
      const [program, ...words] = command.example.split(" ");
      expect(program).to.equal("glassbox");
      expect(words.slice(0, path.length), command.example).to.deep.equal(path);
      const invocation = parse(...words);
      expect(invocation, command.example).not.to.equal(undefined);
      if (command.load) expect(invocation?.load, command.example).to.equal(command.load);
    }
  });

  it("shows the example in the help of every command", () => {
    for (const { path, command } of all) {
      const help = printed(...path, "--help");
      expect(help).to.contain(command.summary.slice(0, 30));
      expect(help).to.contain(`Example:\n  $ ${command.example}`);
    }
  });

  it("offers every setting and --json wherever something runs", () => {
    for (const { path } of leaves) {
      const help = printed(...path, "--help");
      for (const flag of ["json", "config", ...Object.keys(SETTINGS).map(flagName)])
        expect(help).to.contain(`--${flag}`);
    }
  });

  for (const { path, command } of leaves) {
    it(`loads ${path.join(" ")}`, async () => {
      expect(await command.load?.()).to.be.a("function");
    });
  }

  it("prints the version", () => {
    expect(printed("--version").trim()).to.equal(VERSION);
  });

  it("names arguments and flags in camel case, collects repeated flags, and fills in defaults", () => {
    const upload = parse(
      "storage",
      "upload",
      "a.bin",
      "--node",
      "http://a",
      "--node",
      "http://b",
      "--dev-account",
      "3",
    );
    expect(upload?.values).to.deep.equal({ file: "a.bin", node: ["http://a", "http://b"], devAccount: "3" });
    const publish = parse("dataset", "publish", "mnist", "--json");
    expect(publish?.values).to.deep.equal({ source: "mnist", samples: "16384", node: [], json: true });
    const devnet = parse("devnet", "--compute-workers", "1");
    expect(devnet?.values).to.deep.equal({ computeWorkers: "1", storageWorkers: "3" });
  });

  it("suggests the flag or command that was probably meant", () => {
    expect(usageError("config", "--jsn").message).to.match(/unknown option '--jsn'.*--json/s);
    expect(usageError("compute", "job", "open", "--modle", "1").message).to.match(/--model/);
    expect(usageError("modle").message).to.match(/unknown command 'modle'.*model/s);
    expect(usageError("storage", "rot", "a").message).to.match(/root/);
  });

  it("helps with a command in either order, and with nothing that is none", () => {
    const help = printed("stake", "deposit", "--help");
    for (const argv of [
      ["help", "stake", "deposit"],
      ["stake", "help", "deposit"],
    ]) {
      expect(printed(...argv), argv.join(" ")).to.equal(help);
    }
    expect(printed("help")).to.equal(printed("--help"));
    expect(printed("help", "stake")).to.equal(printed("stake", "--help"));
    for (const argv of [
      ["help", "bogus"],
      ["bogus", "--help"],
      ["bogus", "help"],
      ["help", "stake", "bogus"],
      ["stake", "help", "bogus"],
      ["stake", "bogus", "--help"],
    ]) {
      const { code, message } = usageError(...argv);
      expect({ code, message }, argv.join(" ")).to.deep.include({ code: "CLI_USAGE" });
      expect(message).to.match(/^unknown command 'bogus'/);
    }
  });

  it("leaves out what is optional", () => {
    expect(parse("stake", "positions")?.values).to.deep.equal({ account: undefined });
    expect(parse("stake", "positions", "0x1")?.values).to.deep.equal({ account: "0x1" });
    expect(printed("stake", "positions", "--help")).to.contain("[account]");
  });

  it("says where the flags of every command go", () => {
    for (const argv of [
      ["--json", "config"],
      ["stake", "--json"],
      ["--rpc", "http://127.0.0.1:1", "config"],
    ]) {
      expect(usageError(...argv).hint).to.match(/^--(json|rpc) goes after the command$/);
    }
  });

  it("refuses what is missing or too much", () => {
    const cases = [
      ["storage", "root"],
      ["storage", "root", "a", "b"],
      ["storage", "upload", "a", "--node"],
      ["stake", "deposit", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
      ["config", "surplus"],
      ["nonsense"],
    ];
    for (const argv of cases) {
      const { kind, code, hint, message } = usageError(...argv);
      expect({ kind, code }, argv.join(" ")).to.deep.equal({ kind: "usage", code: "CLI_USAGE" });
      expect(hint).to.contain("--help");
      expect(message).not.to.match(/^error/);
    }
  });

  it("shows the help of a group that is called without a command", () => {
    for (const path of [[], ["storage"], ["keys"]]) expect(printed(...path)).to.contain("Example:");
  });
});

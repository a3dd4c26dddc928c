import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { freePort } from "../../src/cli/network/local-chain.ts";

const run = promisify(execFile);

/** A real NATS server with JetStream, on a folder of its own, that can be killed and started again. */
export class NatsServer {
  readonly url: string;
  readonly #program: string;
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(program: string, port: number, folder: string) {
    this.#program = program;
    this.#port = port;
    this.#folder = folder;
    this.url = `nats://127.0.0.1:${port}`;
  }

  static async start(): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), "glassbox-nats-"));
    const server = new NatsServer(await natsProgram(), await freePort(), folder);
    await server.resume();
    return server;
  }

  /** Starts the server on what it has on disk. */
  async resume(): Promise<void> {
    const args = ["--addr", "127.0.0.1", "--port", String(this.#port), "--jetstream", "--store_dir", this.#folder];
    const child = spawn(this.#program, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      if (!line.includes("Server is ready")) continue;
      child.stderr.resume();
      return;
    }
    throw new Error(`nats-server ended early:\n${lines.join("\n")}`);
  }

  /** Ends the server at once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Forgets all that is on disk. The server must not run. */
  async wipe(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The server's program: the installed one, or that of Debian's package, unpacked into the cache folder; neither needs root. */
async function natsProgram(): Promise<string> {
  for (const folder of [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]) {
    const installed = join(folder, "nats-server");
    if (await isProgram(installed)) return installed;
  }
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "glassbox", "nats-server");
  const cached = join(cache, "usr", "sbin", "nats-server");
  if (!(await isProgram(cached))) await unpackPackage(cache);
  return cached;
}

async function unpackPackage(cache: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "glassbox-apt-"));
  try {
    await downloadPackage(scratch);
    const [archive] = (await readdir(scratch)).filter((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get download left no package");
    const unpacked = join(scratch, "unpacked");
    await run("dpkg", ["-x", join(scratch, archive), unpacked]);
    await mkdir(join(cache, ".."), { recursive: true });
    // Whoever is quicker has the same files.
    await rename(unpacked, cache).catch(async () => {
      if (!(await isProgram(join(cache, "usr", "sbin", "nats-server")))) throw new Error(`can't write ${cache}`);
    });
  } catch (cause) {
    throw new Error(
      "no nats-server: it is neither installed nor could Debian's package be downloaded; run `apt-get install nats-server`",
      { cause },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Downloads by the system's list of packages, or by one of our own if the system has none. */
async function downloadPackage(folder: string): Promise<void> {
  try {
    await run("apt-get", ["download", "nats-server"], { cwd: folder });
  } catch {
    const state = ["-o", `Dir::State=${join(folder, "state")}`, "-o", `Dir::Cache=${join(folder, "cache")}`];
    await mkdir(join(folder, "state", "lists", "partial"), { recursive: true });
    await mkdir(join(folder, "cache", "archives", "partial"), { recursive: true });
    await run("apt-get", [...state, "update"], { cwd: folder });
    await run("apt-get", [...state, "download", "nats-server"], { cwd: folder });
  }
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder that a command and all its children take for the system's, so that what they leave can be found. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), "glassbox-e2e-"));
  /** To be added to the command's environment. */
  readonly environment = { TMPDIR: this.path };

  /** What is in the folder, but for the folder that the loader of Hardhat's configuration, tsx, keeps for all its runs. */
  files(): string[] {
    return readdirSync(this.path).filter((name) => !name.startsWith("tsx-"));
  }

  /** Command lines of the processes that were started with this folder and still run. Reads /proc. */
  processes(): string[] {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.flatMap((pid) => {
      const isOurs = readProcess(pid, "environ").includes(`TMPDIR=${this.path}`);
      return isOurs ? [readProcess(pid, "cmdline").join(" ")] : [];
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The zero-separated entries of a file in /proc; none if the process is gone or somebody else's. */
function readProcess(pid: string, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return [];
  }
}

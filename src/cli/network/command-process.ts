import { Child } from "./child.ts";

const READY_MS = 60_000;

/** What every command of a network is told. */
export interface CommandSettings {
  readonly rpcUrl: string;
  readonly addressBookPath: string;
  readonly cacheDir: string;
  readonly logFolder: string;
}

/** Starts one of our own commands in a process. */
export function startCommand(name: string, args: readonly string[], settings: CommandSettings): Child {
  const { rpcUrl, addressBookPath, cacheDir, logFolder } = settings;
  const options = ["--rpc", rpcUrl, "--address-book", addressBookPath, "--cache-dir", cacheDir, "--log-level", "info"];
  return new Child({ name, args: ["src/cli/main.ts", ...args, "--json", ...options], logFolder });
}

/** Waits until a worker's process says that it is ready. @returns its URL */
export function workerUrl(process: Child, signal: AbortSignal): Promise<string> {
  return process.ready(readyUrl, READY_MS, signal);
}

function readyUrl(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  const { ready, url } = JSON.parse(line) as { ready?: boolean; url?: string };
  return ready ? url : undefined;
}

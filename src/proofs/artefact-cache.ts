import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import type { VerifyingKey } from "./verifying-key.ts";

/** The files that proving needs, and the circuit they came from. */
export interface Artefacts {
  readonly r1csPath: string;
  readonly wasmPath: string;
  readonly zkeyPath: string;
}

const FILES = { r1csPath: "circuit.r1cs", wasmPath: "circuit.wasm", zkeyPath: "proving.zkey" } as const;
const MANIFEST = "manifest.json";

const word = z.string().regex(/^\d+$/).transform(BigInt);
const g1 = z.tuple([word, word]);
const g2 = z.tuple([word, word, word, word]);
const manifestSchema = z.object({
  setup: z.enum(["INSECURE-development", "ceremony"]),
  sha256: z.record(z.string(), z.string()),
  verifyingKey: z.object({ alpha1: g1, beta2: g2, gamma2: g2, delta2: g2, ic: z.array(g1) }),
});

/** How a key was made. */
export type SetupKind = z.infer<typeof manifestSchema>["setup"];

/** What the cache keeps of one key. */
export interface CachedKey {
  readonly setup: SetupKind;
  readonly verifyingKey: VerifyingKey;
  readonly artefacts: Artefacts;
}

/** `$XDG_CACHE_HOME/glassbox`, or `~/.cache/glassbox`. */
export function defaultCacheDir(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "glassbox");
}

/** The cache's name for a key: a hash of all that decides it. */
export function cacheKey(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}

/** The cached key, or undefined if there is none or a file of it is missing or damaged. */
export async function readCached(cacheDir: string, key: string): Promise<CachedKey | undefined> {
  const directory = entry(cacheDir, key);
  try {
    const { sha256, ...rest } = manifestSchema.parse(JSON.parse(await readFile(join(directory, MANIFEST), "utf8")));
    const found = await digests(directory);
    if (Object.values(FILES).some((file) => found[file] !== sha256[file])) return undefined;
    return { ...rest, artefacts: artefacts(directory) };
  } catch (error) {
    if (
      error instanceof z.ZodError ||
      error instanceof SyntaxError ||
      (error as NodeJS.ErrnoException).code === "ENOENT"
    ) {
      return undefined;
    }
    throw error;
  }
}

/** An empty folder beside the entries, for building one. */
export async function createStaging(cacheDir: string): Promise<string> {
  const directory = entry(cacheDir, `staging-${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Where a builder leaves the files in a staging folder. */
export function artefacts(directory: string): Artefacts {
  const { r1csPath, wasmPath, zkeyPath } = FILES;
  return {
    r1csPath: join(directory, r1csPath),
    wasmPath: join(directory, wasmPath),
    zkeyPath: join(directory, zkeyPath),
  };
}

/** Makes a complete staging folder the entry in one rename, so that a reader never sees half of it. */
export async function publish(
  cacheDir: string,
  key: string,
  staging: string,
  made: Omit<CachedKey, "artefacts">,
): Promise<CachedKey> {
  const manifest = { ...made, sha256: await digests(staging) };
  const decimal = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
  await writeFile(join(staging, MANIFEST), JSON.stringify(manifest, decimal, 2));
  const directory = entry(cacheDir, key);
  // Another process may have published the same key meanwhile and read it already: only a damaged entry is replaced.
  const other = await readCached(cacheDir, key);
  if (other) return other;
  await rm(directory, { recursive: true, force: true });
  await rename(staging, directory);
  return { ...made, artefacts: artefacts(directory) };
}

function entry(cacheDir: string, name: string): string {
  return join(cacheDir, "circuits", name);
}

async function digests(directory: string): Promise<Record<string, string>> {
  const pairs = Object.values(FILES).map(async (file) => {
    const bytes = await readFile(join(directory, file));
    return [file, createHash("sha256").update(bytes).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { parse } from "smol-toml";
import { z } from "zod";

import { GlassboxError } from "../core/errors.ts";

/** A setting as data. */
interface SettingDefinition {
  /** What follows the flag. */
  readonly value: string;
  readonly summary: string;
  readonly default?: string;
}

/** Every setting: its flag is `--kebab-case`, its variable `GLASSBOX_UPPER_CASE`, its key in the file `camelCase`. */
export const SETTINGS = {
  rpc: { value: "url", summary: "JSON-RPC endpoint of the chain", default: "http://127.0.0.1:8545" },
  addressBook: { value: "file", summary: "address book of the deployment (default: deployments/<chain id>.json)" },
  keystore: { value: "file", summary: "encrypted keystore of the account that signs" },
  passwordFile: { value: "file", summary: "file with the keystore's password" },
  devAccount: {
    value: "index",
    summary: "sign with this account of the development mnemonic (development chains only)",
  },
  cacheDir: { value: "folder", summary: "circuit artefacts and other things that can be made again" },
  metrics: { value: "address", summary: "host:port at which a worker process serves /metrics and /health" },
  logLevel: { value: "level", summary: "debug, info, warn, error or silent", default: "warn" },
} as const satisfies Record<string, SettingDefinition>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** A resolved value and where it came from. */
export interface Setting {
  readonly value: string | undefined;
  readonly origin: "flag" | "environment" | "file" | "default";
}

/** A setting that has a default. */
interface KnownSetting extends Setting {
  readonly value: string;
}

/** All settings, resolved. */
export type Settings = Readonly<Record<SettingName, Setting> & Record<"rpc" | "cacheDir" | "logLevel", KnownSetting>>;

const fileSchema = z.strictObject(
  Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, z.string().optional()])),
);

/**
 * Resolves every setting: flag, then environment, then `glassbox.toml`, then default.
 * @throws GlassboxError `CLI_CONFIG_INVALID` for a file that is missing though named, not TOML, or has unknown keys.
 */
export function resolveSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  configPath: string | undefined,
): Settings {
  const file = readConfig(configPath);
  const entries = Object.entries<SettingDefinition>(SETTINGS).map(([name, definition]): [string, Setting] => {
    const flag = flags[name];
    if (typeof flag === "string") return [name, { value: flag, origin: "flag" }];
    const variable = environment[variableName(name)];
    if (variable !== undefined && variable !== "") return [name, { value: variable, origin: "environment" }];
    if (file[name] !== undefined) return [name, { value: file[name], origin: "file" }];
    return [name, { value: defaultOf(name, definition), origin: "default" }];
  });
  return Object.fromEntries(entries) as Settings;
}

/** The environment variable of a setting. */
function variableName(name: string): string {
  return `GLASSBOX_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The flag of a setting, without the leading dashes. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function defaultOf(name: string, definition: SettingDefinition): string | undefined {
  if (name !== "cacheDir") return definition.default;
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "glassbox");
}

function readConfig(path: string | undefined): Record<string, string | undefined> {
  let text: string;
  try {
    text = readFileSync(resolve(path ?? "glassbox.toml"), "utf8");
  } catch (cause) {
    if (path === undefined) return {};
    throw new GlassboxError("usage", "CLI_CONFIG_INVALID", `can't read ${path}`, { cause });
  }
  try {
    return fileSchema.parse(parse(text));
  } catch (cause) {
    throw new GlassboxError("usage", "CLI_CONFIG_INVALID", `${path ?? "glassbox.toml"} is not a valid configuration`, {
      cause,
      hint: `known keys: ${Object.keys(SETTINGS).join(", ")}; every value is a string`,
    });
  }
}

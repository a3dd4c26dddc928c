import { readFileSync } from "node:fs";

import { Interface, type InterfaceAbi } from "ethers";

import { GlassboxError } from "../core/errors.ts";

const artifactsUrl = new URL("../../artifacts/contracts/", import.meta.url);
const interfaces = new Map<string, Interface>();

/**
 * The ABI of a compiled contract, from the compiler's artifact.
 * @param source path below `contracts/` without suffix, like `staking/StakePool`; the contract is named like the file.
 * @throws GlassboxError `CHAIN_ARTIFACT_MISSING` before the first build.
 */
export function contractInterface(source: string): Interface {
  const known = interfaces.get(source);
  if (known) return known;
  const parsed = new Interface(readArtifact(source).abi);
  interfaces.set(source, parsed);
  return parsed;
}

/** The code that creates a compiled contract; as `contractInterface`. */
export function contractBytecode(source: string): string {
  return readArtifact(source).bytecode;
}

function readArtifact(source: string): { abi: InterfaceAbi; bytecode: string } {
  const name = source.slice(source.lastIndexOf("/") + 1);
  try {
    const text = readFileSync(new URL(`${source}.sol/${name}.json`, artifactsUrl), "utf8");
    return JSON.parse(text) as { abi: InterfaceAbi; bytecode: string };
  } catch (cause) {
    throw new GlassboxError("usage", "CHAIN_ARTIFACT_MISSING", `the contract ${name} is not compiled`, {
      cause,
      hint: "run `npm run build`",
    });
  }
}

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
  const name = source.slice(source.lastIndexOf("/") + 1);
  let artifact: { abi: InterfaceAbi };
  try {
    artifact = JSON.parse(readFileSync(new URL(`${source}.sol/${name}.json`, artifactsUrl), "utf8")) as typeof artifact;
  } catch (cause) {
    throw new GlassboxError("usage", "CHAIN_ARTIFACT_MISSING", `the contract ${name} is not compiled`, {
      cause,
      hint: "run `npm run build`",
    });
  }
  const parsed = new Interface(artifact.abi);
  interfaces.set(source, parsed);
  return parsed;
}

import { type Logger, zKey } from "snarkjs";

import { GlassboxError, ensureInput } from "../core/errors.ts";
import { fromSnarkjsKey, isDevelopmentKey } from "./verifying-key.ts";

/** Where the steps of a production set-up read and write. */
export interface CeremonyPaths {
  /** The compiled circuit. */
  readonly r1csPath: string;
  /** A prepared powers-of-tau file of a public ceremony, large enough for the circuit. */
  readonly ptauPath: string;
  readonly zkeyPath: string;
}

/** The first proving key of a ceremony: it has no contribution yet, so its trapdoor is public. */
export async function beginCeremony({ r1csPath, ptauPath, zkeyPath }: CeremonyPaths): Promise<void> {
  const log = new Log();
  const hash = await zKey.newZKey(r1csPath, ptauPath, zkeyPath, log);
  if (hash === -1) throw ceremonyError("PROOFS_POWERS_OF_TAU_UNFIT", "these powers of tau do not fit the circuit", log);
}

/** Adds a contribution. The set-up is sound if a single contributor forgets his entropy. */
export async function contribute(from: string, to: string, name: string, entropy: string): Promise<void> {
  await zKey.contribute(from, to, name, entropy);
}

/**
 * Ends a ceremony with public randomness that nobody could know during it.
 * @param hash 8 to 255 bytes of hex, hashed 2^iterationsExponent times, 10 to 63
 * @throws GlassboxError `PROOFS_BEACON_INVALID`
 */
export async function applyBeacon(from: string, to: string, hash: string, iterationsExponent: number): Promise<void> {
  const valid = /^(?:[0-9a-f]{2}){8,255}$/i.test(hash) && iterationsExponent >= 10 && iterationsExponent <= 63;
  ensureInput(valid, "PROOFS_BEACON_INVALID", "a beacon is 8 to 255 bytes of hex and an exponent from 10 to 63");
  await zKey.beacon(from, to, "beacon", hash, iterationsExponent);
}

/**
 * Checks that a proving key is of this circuit and these powers of tau, that every contribution is well-formed, and that there is one.
 * @throws GlassboxError `PROOFS_CEREMONY_INVALID`
 */
export async function verifyCeremony({ r1csPath, ptauPath, zkeyPath }: CeremonyPaths): Promise<void> {
  const log = new Log();
  const refused = "the proving key does not come from this circuit's ceremony";
  const valid = await zKey.verifyFromR1cs(r1csPath, ptauPath, zkeyPath, log).catch((cause: unknown) => {
    throw ceremonyError("PROOFS_CEREMONY_INVALID", refused, log, cause);
  });
  if (!valid) throw ceremonyError("PROOFS_CEREMONY_INVALID", refused, log);
  const key = fromSnarkjsKey(await zKey.exportVerificationKey(zkeyPath));
  if (isDevelopmentKey(key)) throw ceremonyError("PROOFS_CEREMONY_INVALID", "nobody contributed to the ceremony", log);
}

function ceremonyError(code: string, message: string, log: Log, cause?: unknown): GlassboxError {
  return new GlassboxError("check", code, message, { details: { reasons: log.errors }, cause });
}

/** Keeps snarkjs's errors: it reports failures to its logger alone. */
class Log implements Logger {
  readonly errors: string[] = [];

  debug(): void {}
  info(): void {}
  warn(): void {}

  error(message: string): void {
    this.errors.push(message);
  }
}

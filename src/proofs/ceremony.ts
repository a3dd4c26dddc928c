import { type Logger, zKey } from "snarkjs";

import { GlassboxError } from "../core/errors.ts";

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

/** Ends a ceremony with public randomness that nobody could know during it: `hash` is iterated 2^iterationsExponent times. */
export async function applyBeacon(from: string, to: string, hash: string, iterationsExponent: number): Promise<void> {
  const done = await zKey.beacon(from, to, "beacon", hash, iterationsExponent);
  if (done === false)
    throw new GlassboxError("usage", "PROOFS_BEACON_INVALID", "the beacon's hash or its exponent is invalid");
}

/**
 * Checks that a proving key is of this circuit and these powers of tau, and that every contribution is well-formed.
 * @throws GlassboxError `PROOFS_CEREMONY_INVALID`
 */
export async function verifyCeremony({ r1csPath, ptauPath, zkeyPath }: CeremonyPaths): Promise<void> {
  const log = new Log();
  const valid = await zKey.verifyFromR1cs(r1csPath, ptauPath, zkeyPath, log);
  if (!valid)
    throw ceremonyError("PROOFS_CEREMONY_INVALID", "the proving key does not come from this circuit's ceremony", log);
}

function ceremonyError(code: string, message: string, log: Log): GlassboxError {
  return new GlassboxError("check", code, message, { details: { reasons: log.errors } });
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

declare module "snarkjs" {
  export interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }

  /** Coordinates as decimal strings; the third is the projective 1. */
  export type G1 = [string, string, string];
  /** The real part comes first, unlike on the EVM. */
  export type G2 = [[string, string], [string, string], [string, string]];

  export interface Groth16Proof {
    pi_a: G1;
    pi_b: G2;
    pi_c: G1;
    protocol: string;
    curve: string;
  }

  export interface Groth16VerifyingKey {
    protocol: string;
    curve: string;
    nPublic: number;
    vk_alpha_1: G1;
    vk_beta_2: G2;
    vk_gamma_2: G2;
    vk_delta_2: G2;
    IC: G1[];
  }

  export const groth16: {
    verify(key: Groth16VerifyingKey, publicSignals: readonly string[], proof: Groth16Proof): Promise<boolean>;
  };

  export const powersOfTau: {
    newAccumulator(curve: unknown, power: number, file: string): Promise<void>;
    contribute(from: string, to: string, name: string, entropy: string): Promise<void>;
    preparePhase2(from: string, to: string): Promise<void>;
  };

  export const zKey: {
    newZKey(r1csFile: string, ptauFile: string, zkeyFile: string, logger?: Logger): Promise<Uint8Array | -1>;
    contribute(from: string, to: string, name: string, entropy: string): Promise<Uint8Array>;
    beacon(
      from: string,
      to: string,
      name: string,
      beaconHash: string,
      iterationsExp: number,
    ): Promise<Uint8Array | false>;
    verifyFromR1cs(r1csFile: string, ptauFile: string, zkeyFile: string, logger?: Logger): Promise<boolean>;
    exportVerificationKey(zkeyFile: string): Promise<Groth16VerifyingKey>;
  };
}

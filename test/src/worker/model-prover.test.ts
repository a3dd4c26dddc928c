import { expect } from "chai";

import { contractInterface } from "../../../src/chain/abi.ts";
import { CONTRACT_SOURCES } from "../../../src/chain/contract-names.ts";
import type { Contracts } from "../../../src/chain/contracts.ts";
import { encodeProgram } from "../../../src/compute/program-file.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { circuitId } from "../../../src/proofs/circuit-library.ts";
import type { CircuitKey } from "../../../src/proofs/circuit-key.ts";
import { buildCommittedKey } from "../../../src/proofs/committed-inference.ts";
import { inputHash } from "../../../src/proofs/input-hash.ts";
import { poseidonTwin } from "../../../src/proofs/poseidon-twin.ts";
import { closeProver, verifyProof } from "../../../src/proofs/prover.ts";
import { encodeVerifyingKey } from "../../../src/proofs/verifying-key.ts";
import { modelProver, type ModelProver } from "../../../src/worker/model-prover.ts";
import { expectGlassboxError } from "../../support/expect-error.ts";
import { forward } from "../../support/proofs/forward.ts";
import { programOf, weightsFileOf } from "../../support/proofs/mlp-files.ts";
import { COMMITTED, randomPixels, randomWeights } from "../../support/proofs/random-mlp.ts";
import { SHARED_CACHE } from "../../support/proofs/shared-cache.ts";
import { flipped } from "../../support/small-dataset.ts";

const WEIGHTS = randomWeights(COMMITTED, 5);
const FILES = [encodeProgram(programOf(COMMITTED)), weightsFileOf(COMMITTED, WEIGHTS)] as const;
const COMMITTED_ID = circuitId("CommittedMlp", COMMITTED);

describe("prover of a model version", function () {
  this.timeout(240_000);

  let key: CircuitKey;
  /** What the registry has of the committed circuit. */
  let registered: { retiresAt: bigint; encoded: Uint8Array } | undefined;

  before(async () => {
    key = await buildCommittedKey(COMMITTED, { cacheDir: SHARED_CACHE });
  });
  beforeEach(() => {
    registered = { retiresAt: 0n, encoded: encodeVerifyingKey(key.verifyingKey) };
  });
  after(closeProver);

  function open(): Promise<ModelProver> {
    const unknown = contractInterface(CONTRACT_SOURCES.VerifierRegistry).encodeErrorResult(
      "VerifierRegistryUnknownKey",
      [1n, COMMITTED_ID],
    );
    const entry = (id: string) =>
      registered && id === COMMITTED_ID
        ? Promise.resolve(registered)
        : Promise.reject(Object.assign(new Error("execution reverted"), { code: "CALL_EXCEPTION", data: unknown }));
    const contracts = {
      ModelRegistry: { version: () => Promise.resolve({ jobId: 1n, weightsSubmission: 1n }) },
      JobRegistry: { job: () => Promise.resolve({ params: { programSubmission: 0n } }) },
      Flow: {
        submission: (place: bigint) => Promise.resolve({ byteLength: BigInt(FILES[Number(place)]?.length ?? 0) }),
      },
      VerifierRegistry: {
        key: (_: bigint, id: string) => entry(id),
        encodedKey: async (_: bigint, id: string) => toHex((await entry(id)).encoded),
      },
    } as unknown as Contracts;
    const files = { download: (submission: number) => Promise.resolve(FILES[submission] ?? new Uint8Array()) };
    return modelProver(contracts, files, 1n, { cacheDir: SHARED_CACHE, signal: new AbortController().signal });
  }

  it("answers with the weights as committed if such a key is registered", async () => {
    const prover = await open();
    expect(prover).to.include({ circuitId: COMMITTED_ID, inputs: COMMITTED.inputs });
    const pixels = randomPixels(COMMITTED, 3);
    const { answer, inputHash: hash, proof } = await prover.prove(pixels, new AbortController().signal);
    expect({ answer, hash }).to.deep.equal({ answer: forward(WEIGHTS, COMMITTED, pixels), hash: inputHash(pixels) });
    const publicInputs = [BigInt(answer), hash, poseidonTwin(FILES[1])];
    expect(await verifyProof({ verifyingKey: key.verifyingKey, proof, publicInputs })).to.equal(true);
    const another = [BigInt(answer), hash, poseidonTwin(flipped(FILES[1], 0))];
    expect(await verifyProof({ verifyingKey: key.verifyingKey, proof, publicInputs: another })).to.equal(false);
  });

  it("bakes the weights in if there is no such key, or it is retired", async () => {
    // There is no circuit of this size that has them baked in.
    registered = undefined;
    await expectGlassboxError(open(), "usage", "PROOFS_CIRCUIT_UNKNOWN");
    registered = { retiresAt: 1n, encoded: new Uint8Array() };
    await expectGlassboxError(open(), "usage", "PROOFS_CIRCUIT_UNKNOWN");
  });

  it("proves nothing under a key of another circuit", async () => {
    registered = { retiresAt: 0n, encoded: flipped(encodeVerifyingKey(key.verifyingKey), 40) };
    await expectGlassboxError(open(), "check", "WORKER_KEY_MISMATCH");
  });
});

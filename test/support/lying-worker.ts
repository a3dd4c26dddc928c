import type { Contracts } from "../../src/chain/contracts.ts";
import { partClaim } from "../../src/compute/claims.ts";
import { decodeWeights, encodeWeights } from "../../src/compute/weights.ts";
import { toHex } from "../../src/core/bytes.ts";
import { typedDataDigest } from "../../src/crypto/eip712.ts";
import { fileRoot } from "../../src/crypto/file-tree.ts";
import type { UnlockedKey } from "../../src/crypto/keystore.ts";
import { CLAIM_TYPE } from "../../src/crypto/messages.ts";
import { signDigest } from "../../src/crypto/signature.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createHttpServer, listen } from "../../src/worker/http-server.ts";
import { PART_BODY_LIMIT, partRequestSchema } from "../../src/worker/part-protocol.ts";
import type { FileSource } from "../../src/storage/ports.ts";
import { loadJob } from "../../src/worker/training-job.ts";
import { inlinePartWorker } from "./inline-parts.ts";

/** Serves parts like a compute worker, with one weight of each replaced, and signs them as if they were right. */
export async function startLyingWorker(options: {
  readonly contracts: Contracts;
  readonly files: FileSource;
  readonly operator: UnlockedKey;
  readonly url: string;
}): Promise<{ close(): Promise<void> }> {
  const { contracts, files, operator, url } = options;
  const { signal } = new AbortController();
  const honest = inlinePartWorker({ contracts, files }, { operator: operator.address, signer: operator });
  const server = createHttpServer(PART_BODY_LIMIT, createLogger("lying-worker", "silent"));
  server.post("/v1/parts", async ({ body }) => {
    const request = partRequestSchema.parse(body);
    const part = await honest.compute(request, signal);
    const job = await loadJob(contracts, files, request.job, signal);
    const tensors = decodeWeights(job.program, part.weights);
    const first = tensors[0] as Int16Array;
    first[0] = first[0] === 1 ? 0 : 1;
    const weights = encodeWeights(job.program, tensors);
    const claim = partClaim(job, {
      index: request.index,
      startRoot: fileRoot(request.weights),
      endRoot: fileRoot(weights),
    });
    const signature = toHex(signDigest(typedDataDigest(job.domain, CLAIM_TYPE, claim), operator.secretKey));
    return { signature, weights: Buffer.from(weights).toString("base64") };
  });
  await listen(server, "127.0.0.1", Number(new URL(url).port));
  return { close: () => server.close() };
}

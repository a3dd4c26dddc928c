import { readChain } from "../chain/read.ts";
import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { endpointUrl } from "../core/endpoint.ts";
import { GlassboxError } from "../core/errors.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { type Certificate, VoteCollector } from "../staking/certificate.ts";
import type { ServiceHome } from "../staking/service-home.ts";
import type { TableRow } from "../staking/table.ts";
import { type Vote, voteDigest } from "../staking/vote.ts";
import { TaskGate } from "../storage/task-gate.ts";
import type { Logger } from "../telemetry/logger.ts";
import { requestJson } from "./json-client.ts";
import { signatureSchema, voteToJson } from "./vote-protocol.ts";

/** Signers asked at once. */
const ASKED_AT_ONCE = 16;
const TIMEOUT_MS = 5_000;

/** Where an operator's signer answers; undefined if it says nothing of it. */
export type SignerUrls = (operator: Hex) => Promise<string | undefined>;

/** The endpoints in `OperatorRegistry`. */
export function registeredUrls({ contracts }: ServiceHome): SignerUrls {
  return async (operator) => endpointUrl(await readChain(contracts.OperatorRegistry.endpointOf(operator)));
}

/**
 * Asks the validators of a table for their signatures on a vote. Whoever does not answer, or not with its own signature, is absent.
 * @returns the certificate, or undefined if too few signed
 */
export async function collectCertificate(parts: {
  readonly home: ServiceHome;
  readonly rows: readonly TableRow[];
  readonly vote: Vote;
  readonly urls: SignerUrls;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<Certificate | undefined> {
  const { home, rows, vote, urls, logger, signal } = parts;
  const collector = new VoteCollector(rows, voteDigest(home.domain, vote));
  const gate = new TaskGate(ASKED_AT_ONCE);
  const asked = rows.map(({ key }, row) =>
    gate.run(async () => {
      signal.throwIfAborted();
      try {
        const { operator } = await readChain(home.contracts.OperatorRegistry.blsKeyInfo(toHex(keccak256(key))));
        const url = await urls(operator as Hex);
        if (url === undefined) return;
        const { signature } = await requestJson({
          url: new URL("v1/signatures", `${url}/`).href,
          body: voteToJson(vote),
          schema: signatureSchema,
          timeoutMs: TIMEOUT_MS,
          signal,
        });
        collector.add(row, fromHex(signature));
      } catch (error) {
        if (!(error instanceof GlassboxError) || error.kind === "bug") throw error;
        logger.info({ err: error, row }, "a validator did not sign");
      }
    }),
  );
  await Promise.all(asked);
  return collector.isQuorum ? collector.certificate() : undefined;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { createLogger } from "../../src/telemetry/logger.ts";
import { createHttpServer } from "../../src/worker/http-server.ts";
import type { PartPeer } from "../../src/worker/part-client.ts";
import { MemoryStore } from "../../src/db/memory-store.ts";
import type { KeyValueStore } from "../../src/db/key-value-store.ts";
import { PART_BODY_LIMIT, partRequestSchema, signedPartsQuerySchema } from "../../src/worker/part-protocol.ts";
import type { PartQueue } from "../../src/worker/parts/part-queue.ts";
import { InlineParts, inlinePartWorker } from "./inline-parts.ts";
import type { StubJob } from "./stub-job.ts";

/** A server of a test, and how to end it. */
export interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What a part worker is given instead of what tests mostly take. */
interface PartServerOptions {
  readonly store?: KeyValueStore;
  readonly queue?: PartQueue;
  readonly slots?: number;
}

/** A part worker of one of the stub's operators behind real HTTP. */
export async function servePartWorker(
  stub: StubJob,
  index: number,
  { store = new MemoryStore(), queue = new InlineParts(), slots = 1 }: PartServerOptions = {},
): Promise<TestServer & { readonly peer: PartPeer }> {
  const { operator, signer } = stub.operators[index] ?? { operator: "0x" as const, signer: undefined };
  if (!signer) throw new RangeError(`no operator ${index}`);
  const worker = inlinePartWorker(stub, { operator, signer }, store, queue);
  const server = createHttpServer(PART_BODY_LIMIT, createLogger("test", "silent"));
  server.post("/v1/parts", async (request) => {
    const { signature, weights } = await worker.compute(
      partRequestSchema.parse(request.body),
      new AbortController().signal,
    );
    return { signature, weights: Buffer.from(weights).toString("base64") };
  });
  server.get("/v1/parts", async (request) => {
    const signed = await worker.signedParts(signedPartsQuerySchema.parse(request.query));
    return { signed: signed.map(String) };
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return { url, peer: { operator, signer: signer.address, url, slots }, close: () => server.close() };
}

/** A server that answers as `handle` likes. */
export async function serveRaw(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<TestServer> {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      handle(request, response, body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

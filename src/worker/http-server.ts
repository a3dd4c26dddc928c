import { fastify, type FastifyInstance } from "fastify";

import { GlassboxError } from "../core/errors.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What a stranger may cost a worker's HTTP server. */
const LIMITS = { headersMs: 10_000, requestMs: 60_000, keepAliveMs: 15_000, connections: 256 } as const;

/**
 * An HTTP server with limits on bodies, time and connections. An expected error is answered with its code and message, an
 * unexpected one with status 500 and nothing that could leak.
 * @param bodyLimit the largest request body in bytes
 */
export function createHttpServer(bodyLimit: number, logger: Logger): FastifyInstance {
  const server = fastify({
    bodyLimit,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    forceCloseConnections: true,
    http: { headersTimeout: LIMITS.headersMs },
  });
  server.server.maxConnections = LIMITS.connections;
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof GlassboxError && error.kind !== "bug") {
      const status = error.kind === "network" ? 503 : 400;
      return reply.status(status).send({ error: { code: error.code, message: error.message } });
    }
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return reply.status(error.statusCode).send({ error: { code: "HTTP_REQUEST_REFUSED", message: error.message } });
    }
    logger.error({ err: error }, "request failed");
    return reply.status(500).send({ error: { code: "HTTP_INTERNAL", message: "internal error" } });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ error: { code: "HTTP_NOT_FOUND", message: "no such resource" } }),
  );
  return server;
}

/** Listens, and returns the base URL that reaches the server. */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    throw new GlassboxError("usage", "HTTP_PORT_TAKEN", `can't listen on ${host}:${port}`, {
      cause,
      hint: "choose another --port, or 0 for a free one",
    });
  }
}

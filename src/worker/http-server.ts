import type { Server } from "node:http";
import type { Socket } from "node:net";

import { fastify, type FastifyInstance } from "fastify";

import { GlassboxError } from "../core/errors.ts";
import type { Logger } from "../telemetry/logger.ts";
import { httpRequests, httpSeconds } from "./worker-metrics.ts";

/** What a stranger may cost a worker's HTTP server. */
export const HTTP_LIMITS = {
  headersMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 15_000,
  /** A connection on which nothing moves, in either direction, is closed after so long. */
  idleMs: 60_000,
  /** How often the above are looked at. */
  checkMs: 2_000,
  connections: 256,
  /** So that one client does not take all of them. */
  connectionsOfOne: 64,
  /** A server that closes takes nothing new, and lets what was begun end within so long. */
  drainMs: 2_000,
} as const;

/** Limits of a server; the same names as {@link HTTP_LIMITS}. */
export type HttpLimits = { readonly [K in keyof typeof HTTP_LIMITS]: number };

/**
 * An HTTP server with limits on bodies, time and connections. An expected error is answered with its code and message, an
 * unexpected one with status 500 and nothing that could leak.
 * @param bodyLimit the largest request body in bytes
 */
export function createHttpServer(
  bodyLimit: number,
  logger: Logger,
  changed: Partial<HttpLimits> = {},
): FastifyInstance {
  const limits = { ...HTTP_LIMITS, ...changed };
  const server = fastify({
    bodyLimit,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.idleMs,
    forceCloseConnections: "idle",
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.checkMs },
  });
  server.server.maxConnections = limits.connections;
  limitEachClient(server.server, limits.connectionsOfOne);
  let isClosing = false;
  server.addHook("onSend", (_request, reply, _payload, done) => {
    if (isClosing) void reply.header("connection", "close");
    done();
  });
  server.addHook("preClose", (done) => {
    isClosing = true;
    setTimeout(() => {
      server.server.closeAllConnections();
    }, limits.drainMs).unref();
    done();
  });
  server.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    httpRequests.inc({ method: request.method, route, status: reply.statusCode });
    httpSeconds.observe({ route }, reply.elapsedTime / 1_000);
    done();
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof GlassboxError && error.kind !== "bug") {
      const status = error.kind === "network" ? 503 : 400;
      return reply.status(status).send({ error: { code: error.code, message: publicMessage(error) } });
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

/** What a stranger may know of an expected error: nothing of where the chain is, or why it does not answer. */
function publicMessage(error: GlassboxError): string {
  const isOfOurChain = error.kind === "network" && error.code.startsWith("CHAIN_");
  return isOfOurChain ? "the chain is out of reach" : error.message;
}

function limitEachClient(server: Server, limit: number): void {
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const client = socket.remoteAddress ?? "";
    const count = (open.get(client) ?? 0) + 1;
    open.set(client, count);
    socket.once("close", () => {
      const left = (open.get(client) ?? 1) - 1;
      if (left === 0) open.delete(client);
      else open.set(client, left);
    });
    if (count > limit) socket.destroy();
  });
}

/** Listens, and returns the base URL that reaches the server. */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const code = isTaken ? "HTTP_PORT_TAKEN" : "HTTP_LISTEN_FAILED";
    throw new GlassboxError("usage", code, `can't listen on ${host}:${port}${isTaken ? ": the port is taken" : ""}`, {
      cause,
      hint: isTaken ? "choose another --port, or 0 for a free one" : "check that --host is an address of this machine",
    });
  }
}

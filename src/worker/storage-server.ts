import type { FastifyInstance } from "fastify";

import { GlassboxError } from "../core/errors.ts";
import { answerJsonRpc, type RpcMethod } from "../storage/json-rpc.ts";
import { rpcError } from "../storage/rpc-error.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createHttpServer } from "./http-server.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** What a stranger may ask of a storage worker. */
export const STORAGE_LIMITS = {
  /** Room for ten segments in base64, as the Go client sends them. */
  bodyBytes: 4 * 1024 * 1024,
  batchCalls: 32,
  callsPerSecond: 500,
  burst: 2_000,
} as const;

/**
 * Serves JSON-RPC at `POST /`. Every answer has HTTP status 200, also errors, because 0G clients repeat anything else.
 */
export async function createStorageServer(
  methods: ReadonlyMap<string, RpcMethod>,
  logger: Logger,
  limits: { readonly [K in keyof typeof STORAGE_LIMITS]: number } = STORAGE_LIMITS,
): Promise<FastifyInstance> {
  const server = createHttpServer(limits.bodyBytes, logger);
  const rate = new RateLimiter(limits.callsPerSecond, limits.burst);
  const onBug = (error: unknown): void => {
    logger.error({ err: error }, "a call failed");
  };
  await server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.setErrorHandler((error: Error & { code?: string }, _request, reply) => {
      const isLong = error.code === "FST_ERR_CTP_BODY_TOO_LARGE";
      const code = isLong ? "STORAGE_BODY_LENGTH" : "STORAGE_BODY_INVALID";
      const named = error instanceof GlassboxError ? error : new GlassboxError("usage", code, error.message);
      const body = { jsonrpc: "2.0", id: null, error: rpcError(named) };
      return reply.status(200).header("connection", "close").type("application/json").send(JSON.stringify(body));
    });
    scope.addHook("onRequest", (request, _reply, next) => {
      const allowed = rate.allows(request.ip, performance.now());
      next(allowed ? undefined : new GlassboxError("network", "STORAGE_RATE_LIMIT", "too many requests"));
    });
    scope.post("/", async (request, reply) => {
      const text = typeof request.body === "string" ? request.body : "";
      const admit = (): boolean => rate.allows(request.ip, performance.now());
      const answer = await answerJsonRpc(text, methods, { maxBatch: limits.batchCalls, onBug, admit });
      if (answer === undefined) return reply.status(204).send();
      return reply.type("application/json").send(answer);
    });
    done();
  });
  return server;
}

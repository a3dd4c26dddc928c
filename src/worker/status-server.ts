import { measureProcess, metricsText } from "../telemetry/metrics.ts";
import { health, type Health } from "../telemetry/health.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createHttpServer, listen } from "./http-server.ts";

const MAX_BODY_BYTES = 1;

/**
 * Serves what those who run the process want to know: `GET /metrics` in Prometheus' form, and `GET /health`, which has status 200 while all is well
 * and 503 otherwise, also while the process drains. It stands on an address of its own, apart from what strangers reach.
 */
export async function startStatusServer(
  host: string,
  port: number,
  logger: Logger,
  state: Health = health,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createHttpServer(MAX_BODY_BYTES, logger);
  server.get("/metrics", async (_request, reply) => {
    const { type, text } = await metricsText();
    return reply.type(type).send(text);
  });
  server.get("/health", (_request, reply) => {
    const report = state.report();
    return reply.status(report.status === "ok" ? 200 : 503).send(report);
  });
  const url = await listen(server, host, port);
  measureProcess();
  return { url, close: () => server.close() };
}

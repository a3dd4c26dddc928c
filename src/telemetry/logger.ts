import { pino, type Logger } from "pino";

export type { Logger } from "pino";

/** Levels in rising order of importance. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Logs JSON lines to standard error, so standard output stays free for results. */
export function createLogger(component: string, level: (typeof LOG_LEVELS)[number]): Logger {
  return pino(
    { level, base: { component }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

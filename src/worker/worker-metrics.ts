import { counter, duration, gauge } from "../telemetry/metrics.ts";

/** What worker processes count. Those that have no use for a metric leave it at zero. */

export const httpRequests = counter("http_requests_total", "Requests answered", ["method", "route", "status"]);
export const httpSeconds = duration("http_request_seconds", "Time from request to answer", ["route"]);
export const chainBlock = gauge("chain_block", "Newest block seen");

export const partsComputed = counter("parts_computed_total", "Parts taken from the queue, by what came of them", [
  "outcome",
]);
export const partsRunning = gauge("parts_running", "Parts being computed");
export const partSeconds = duration("part_seconds", "Time to compute a part and its root");
export const partsSigned = counter(
  "parts_signed_total",
  "Claims of parts signed, by whether they were computed or kept",
  ["source"],
);
export const partConflicts = counter(
  "part_conflicts_total",
  "Parts that gave another result than the one signed before",
);

export const roundsDone = gauge("job_rounds_done", "Rounds of the job that are done");
export const roundsTotal = gauge("job_rounds", "Rounds that the job has");
export const jobParts = counter("job_parts_total", "Parts that workers were asked for, by what came of them", [
  "outcome",
]);
export const jobSteps = counter("job_steps_total", "Steps that were trained since the process began");
export const gameMoves = counter("game_moves_total", "Moves in dispute games, by what came of them", [
  "move",
  "outcome",
]);
export const auditSteps = counter("audit_steps_total", "Steps of bonded audits, by what came of them", [
  "step",
  "outcome",
]);
export const jobWorkers = gauge("job_workers", "Workers that joined the job and say where they are");

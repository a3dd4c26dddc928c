import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * What a process tells of itself as numbers, in Prometheus' text form. There is one registry, as there is one process. Names start with `glassbox_`
 * and end in their unit, or in `total` for what only grows.
 */
const registry = new Registry();

/** Something that is counted. */
export function counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) {
  return new Counter<Label>({ name: `glassbox_${name}`, help, labelNames: [...labelNames], registers: [registry] });
}

/** Something that rises and falls. */
export function gauge(name: string, help: string): Gauge {
  return new Gauge({ name: `glassbox_${name}`, help, registers: [registry] });
}

/** Something that takes time, in seconds. */
export function duration<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) {
  const buckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];
  const options = { name: `glassbox_${name}`, help, labelNames: [...labelNames], buckets, registers: [registry] };
  return new Histogram<Label>(options);
}

/** Adds memory, processor time and event loop delay of this process. To be called once, by what serves the metrics. */
export function measureProcess(): void {
  collectDefaultMetrics({ register: registry });
}

/** All metrics of this process. */
export async function metricsText(): Promise<{ readonly type: string; readonly text: string }> {
  return { type: registry.contentType, text: await registry.metrics() };
}

/** Metrics of the process. Loaded on first use, because its library is CommonJS and large. */

import { collectDefaultMetrics, Registry } from 'prom-client';

/** Returns a function that writes the metrics in Prometheus' text format. */
export function processMetrics(): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}

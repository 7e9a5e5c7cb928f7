/** What a process tells of itself. Loaded when somebody asks: its library is CommonJS, and heavy. */

import { collectDefaultMetrics, Registry } from 'prom-client';

/** Returns what writes them in Prometheus' text format. */
export function processMetrics(): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}

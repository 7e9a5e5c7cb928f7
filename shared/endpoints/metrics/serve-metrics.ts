import type { RequestHandler } from '../handler.ts';
import { plainText } from '../response-writers.ts';
import type { RequestMetrics } from './request-metrics.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `/metrics`: the requests', and those of the process, whose library is loaded when somebody asks. */
export function serveMetrics(metrics: RequestMetrics): RequestHandler {
  let processMetrics: Promise<() => Promise<string>> | undefined;
  return async () => {
    processMetrics ??= loadProcessMetrics();
    const text = `${metrics}${await (await processMetrics)()}`;
    const response = plainText(200, text);
    return { ...response, headers: { ...response.headers, 'content-type': CONTENT_TYPE } };
  };
}

async function loadProcessMetrics(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}

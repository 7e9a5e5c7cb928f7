import type { RequestHandler } from '../handler.ts';
import { plainText } from '../response-writers.ts';
import type { RequestMetrics } from './request-metrics.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `/metrics`: the requests', and those of the process, whose library is loaded when somebody asks. */
export function serveMetrics(metrics: RequestMetrics): RequestHandler {
  let ofProcess: Promise<() => Promise<string>> | undefined;
  return async () => {
    ofProcess ??= import('./process-metrics.ts').then(({ processMetrics }) => processMetrics());
    const text = `${metrics}${await (await ofProcess)()}`;
    const response = plainText(200, text);
    return { ...response, headers: { ...response.headers, 'content-type': CONTENT_TYPE } };
  };
}

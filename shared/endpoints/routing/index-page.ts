import type { RequestHandler } from './handler.ts';

/** `/`: every path there is, as upstream lists them. */
export function serveIndex(paths: () => Promise<readonly string[]>): RequestHandler {
  return async () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ paths: [...new Set(await paths())].sort() }, undefined, 2)),
  });
}

import type { RequestHandler } from './handler.ts';

/** `/`: the list of all paths, like upstream's. */
export function serveIndex(paths: () => Promise<readonly string[]>): RequestHandler {
  return async () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ paths: [...new Set(await paths())].sort() }, undefined, 2)),
  });
}

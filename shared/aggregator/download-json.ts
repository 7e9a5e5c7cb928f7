import { checkValues } from '../runtime/serializer/body-budget.ts';
import { readJSON } from '../runtime/serializer/json/read-json.ts';
import type { RemoteRequest, RemoteServer } from './remote-server.ts';

/** User of the aggregator's own requests. */
const AGGREGATOR_USER = { name: 'system:kube-aggregator', uid: '', groups: ['system:masters'], extra: {} };

/** A GET request of the aggregator itself. */
export const aggregatorRequest = (url: string, timeoutMilliseconds: number): RemoteRequest => {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  return {
    method: 'GET',
    path,
    query,
    headers: new Map([['accept', ['application/json']]]),
    body: new Uint8Array(),
    user: AGGREGATOR_USER,
    signal: AbortSignal.timeout(timeoutMilliseconds),
  };
};

/** OpenAPI of a whole cluster takes some megabytes with some ten thousand values. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_VALUES = 300_000;

/**
 * Reads a JSON document from a remote server. Throws if the server can't be reached, or the response is invalid or too
 * large.
 */
export async function downloadJSON(
  server: RemoteServer,
  url: string,
  timeoutMilliseconds: number,
): Promise<unknown> {
  const request = aggregatorRequest(url, timeoutMilliseconds);
  const { path } = request;
  const message = await server.send(request);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).byteLength;
    // Leaving the loop closes the connection.
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes from ${path}`);
    chunks.push(chunk as Buffer);
  }
  const status = message.statusCode ?? 0;
  if (status < 200 || status >= 300) throw new Error(`bad status from ${path}: ${status}`);
  const bytes = Buffer.concat(chunks);
  checkValues(bytes, MAX_VALUES);
  return readJSON(bytes);
}

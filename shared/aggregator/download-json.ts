import { checkValues } from '../runtime/serializer/body-budget.ts';
import { readJSON } from '../runtime/serializer/json/read-json.ts';
import { ByteQueue, type HeldBytes } from '../util/byte-queue.ts';
import { HEAP_PER_BYTE } from '../util/byte-shares.ts';
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

const MEGABYTE = 1024 * 1024;
/** OpenAPI of a whole cluster takes some megabytes with some ten thousand values. */
const MAX_BYTES = 16 * MEGABYTE;
const MAX_VALUES = 300_000;

/** Smaller documents don't wait. */
const SMALL = 64 * 1024;
/** Memory is reserved for a large document of this size, and grows with it. */
const EXPECTED_BYTES = MEGABYTE;
/** Size from which a document holds no more values, because their number is limited. */
const MANY_VALUES = MAX_VALUES * 3;
/** Bytes, text, and the strings of the parsed text. */
const COPIES = 3;

/** Heap bytes of a document of `bytes` while it is read. */
const heapOf = (bytes: number): number => bytes * COPIES + Math.min(bytes, MANY_VALUES) * HEAP_PER_BYTE;

export const newDocumentQueue = (maxBytes?: number): ByteQueue<RemoteServer> =>
  new ByteQueue<RemoteServer>({
    bounds: { least: 32 * MEGABYTE, most: 1024 * MEGABYTE, heapShare: 1 / 4 },
    maxBytes,
    timeoutMs: 10_000,
    maxWaiting: 1_000,
    maxWaitingOfOne: 1_000,
    refused: () => new Error('too many large documents of remote servers at once'),
  });

/** Documents being read by this process: there may be hundreds of remote servers, which are asked at once. */
const documents = newDocumentQueue();

/**
 * Reads a JSON document from a remote server, when there is memory for it. Throws if the server can't be reached, or
 * the response is invalid or too large. `queue`: default that of this process.
 */
export async function downloadJSON(
  server: RemoteServer,
  url: string,
  timeoutMilliseconds: number,
  queue: ByteQueue<RemoteServer> = documents,
): Promise<unknown> {
  const request = aggregatorRequest(url, timeoutMilliseconds);
  const { path } = request;
  const message = await server.send(request);
  const chunks: Buffer[] = [];
  let size = 0;
  let held: HeldBytes | undefined;
  let reserved = EXPECTED_BYTES;
  try {
    for await (const chunk of message) {
      size += (chunk as Buffer).byteLength;
      // Leaving the loop closes the connection.
      if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes from ${path}`);
      if (size > SMALL) held ??= await queue.acquire(heapOf(reserved), server);
      if (size > reserved) {
        held!.grow(heapOf(size) - heapOf(reserved));
        reserved = size;
      }
      chunks.push(chunk as Buffer);
    }
    const status = message.statusCode ?? 0;
    if (status < 200 || status >= 300) throw new Error(`bad status from ${path}: ${status}`);
    const bytes = Buffer.concat(chunks);
    checkValues(bytes, MAX_VALUES);
    return await readJSON(bytes);
  } finally {
    held?.release();
  }
}

import { expect, test } from 'vitest';
import { downloadJSON, newDocumentQueue } from '../../../shared/aggregator/download-json.ts';
import type { RemoteServer } from '../../../shared/aggregator/remote-server.ts';

const KB = 1024;
const MB = 1024 * KB;
/** Heap of a large document, before it is known to be larger than a megabyte. */
const OF_ONE = 3 * MB + 24 * 900_000;

/** Servers whose documents have this size, and the highest number of large ones in memory at once. */
function serversOf(sizes: readonly number[]) {
  const seen = { now: 0, most: 0 };
  const servers = sizes.map((size) => ({
    send: async () =>
      Object.assign(
        (async function* () {
          const text = Buffer.from(JSON.stringify({ size, text: 'x'.repeat(size) }));
          let isSeen = false;
          for (let at = 0; at < text.length; at += 50 * KB) {
            if (at > 100 * KB && !isSeen) {
              isSeen = true;
              seen.most = Math.max(seen.most, ++seen.now);
            }
            await new Promise((done) => setImmediate(done));
            yield text.subarray(at, at + 50 * KB);
          }
          if (isSeen) seen.now--;
        })(),
        { statusCode: 200 },
      ),
  }));
  return { seen, servers: servers as unknown as RemoteServer[] };
}

const download = (servers: readonly RemoteServer[], queue: ReturnType<typeof newDocumentQueue>) =>
  Promise.all(
    servers.map((server) =>
      downloadJSON(server, '/openapi/v3', 60_000, queue).then(
        (document) => (document as { size: number }).size,
        (error: Error) => error.message,
      ),
    ),
  );

test('large documents of many servers are read a few at a time; small ones do not wait', async () => {
  const queue = newDocumentQueue(2 * OF_ONE);
  const sizes = [...Array.from({ length: 8 }, () => 200 * KB), ...Array.from({ length: 8 }, () => 20 * KB)];
  const { seen, servers } = serversOf(sizes);
  expect(await download(servers, queue)).toEqual(sizes);
  expect([seen.most, queue.bytes]).toEqual([2, 0]);
});

test.each([
  ['that fits', 3 * MB, 3 * MB],
  ['for which there is no memory', 8 * MB, 'too many large documents of remote servers at once'],
  ['above the limit', 17 * MB, 'more than 16777216 bytes from /openapi/v3'],
])('a document %s', async (_, size, expected) => {
  const queue = newDocumentQueue(size > 16 * MB ? 1024 * MB : OF_ONE + 10 * MB);
  expect(await download(serversOf([size]).servers, queue)).toEqual([expected]);
  expect(queue.bytes).toBe(0);
});

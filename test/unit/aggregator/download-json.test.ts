import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { downloadJSON } from '../../../shared/aggregator/download-json.ts';
import type { RemoteServer } from '../../../shared/aggregator/remote-server.ts';

const server = createServer((request, response) => {
  if (request.url === '/short') {
    response.end('{"a":1}');
    return;
  }
  if (request.url === '/many') {
    response.end(`[${'1,'.repeat(300_001)}1]`);
    return;
  }
  const block = Buffer.alloc(1024 * 1024, ' ');
  const write = (): void => {
    while (!response.destroyed && response.write(block));
  };
  response.on('drain', write);
  write();
});
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A connection to a remote server without discovery. */
const remote = {
  async send({ path }: { readonly path: string }) {
    const { port } = server.address() as AddressInfo;
    const [message] = await once(get({ host: '127.0.0.1', port, path }), 'response');
    return message as IncomingMessage;
  },
} as unknown as RemoteServer;

test('a response is read completely, an endless one is aborted', async () => {
  expect(await downloadJSON(remote, '/short', 10_000)).toEqual({ a: 1 });
  await expect(downloadJSON(remote, '/endless', 60_000)).rejects.toThrow(
    'more than 16777216 bytes from /endless',
  );
});

test('an answer of more values than any document has is refused before it is parsed', async () => {
  await expect(downloadJSON(remote, '/many', 10_000)).rejects.toThrow('limit is 300000 values');
});

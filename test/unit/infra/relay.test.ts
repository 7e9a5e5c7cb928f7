import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { relay } from '../../../infra/emulator/relay.ts';

test('a loopback listener is reachable at another address, by the same path', async () => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end(`${request.url} ${Buffer.concat(chunks)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const relayed = await relay(`http://127.0.0.1:${port}/secret`, '127.0.0.2');
  expect(relayed.url).toMatch(/^http:\/\/127\.0\.0\.2:\d+\/secret$/);
  const answers = await Promise.all(
    ['a', 'b'].map(async (body) => (await fetch(relayed.url, { method: 'POST', body })).text()),
  );
  expect(answers).toEqual(['/secret a', '/secret b']);
  relayed.close();
  server.closeAllConnections();
  server.close();
  await expect(fetch(relayed.url)).rejects.toThrow('fetch failed');
});

test('an address of another machine is rejected', async () => {
  await expect(relay('http://127.0.0.1:1', '192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL');
});

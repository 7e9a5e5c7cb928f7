/** Paths that are no resources. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test.each([
  ['/healthz', 200, 'ok'],
  ['/livez', 200, 'ok'],
  ['/readyz', 200, 'ok'],
  ['/readyz/ping', 200, 'ok'],
  ['/livez/etcd', 200, 'ok'],
  ['/readyz/nothing', 404, '404 page not found\n'],
])('%s', async (path, status, text) => {
  expect(await call(server, 'GET', path)).toMatchObject({ status, text });
});

test('checks are listed, and can be left out', async () => {
  const { text } = await call(server, 'GET', '/livez?verbose&exclude=etcd&exclude=nothing');
  expect(text.split('\n')).toEqual([
    '[+]ping ok',
    '[+]log ok',
    '[+]etcd excluded: ok',
    '[+]poststarthook/start-system-namespaces-controller ok',
    '[+]poststarthook/scheduling/bootstrap-system-priority-classes ok',
    '[+]poststarthook/priority-and-fairness-config-producer ok',
    '[+]poststarthook/start-kubernetes-service-cidr-controller ok',
    '[+]poststarthook/bootstrap-controller ok',
    '[+]poststarthook/apiservice-registration-controller ok',
    'warn: some health checks cannot be excluded: no matches for "nothing"',
    'livez check passed',
    '',
  ]);
});

test('/version', async () => {
  expect((await call(server, 'GET', '/version')).json).toMatchObject({
    major: '1',
    minor: '36',
    gitVersion: expect.stringMatching(/^v1\.36\.\d+\+zeroplane$/),
  });
});

test('/ lists paths', async () => {
  const { json } = await call(server, 'GET', '/');
  expect(json!['paths']).toEqual(
    expect.arrayContaining([
      '/api',
      '/api/v1',
      '/apis',
      '/apis/apps',
      '/apis/apps/v1',
      '/healthz',
      '/metrics',
      '/version',
    ]),
  );
});

test('/metrics counts requests by what is served', async () => {
  await call(server, 'GET', '/api/v1/namespaces/default/configmaps');
  await call(server, 'GET', '/api/v1/namespaces/default/made-up');
  const { text, headers } = await call(server, 'GET', '/metrics');
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toContain(
    'apiserver_request_total{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1",code="200",dry_run=""} 1\n',
  );
  expect(text).not.toContain('made-up');
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
});

test('a server that drains says so, and goes on answering', async () => {
  server.drain();
  const { status, text } = await call(server, 'GET', '/readyz');
  expect(status).toBe(500);
  expect(text).toContain('[-]shutdown failed: reason withheld\n');
  expect((await send(server, 'GET', '/livez')).status).toBe(200);
  expect((await send(server, 'GET', '/api/v1/namespaces')).status).toBe(200);
});

test('warnings are sent as UTF-8', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'w' }, größe: 1 };
  const { headers } = await call(server, 'POST', '/api/v1/namespaces/default/configmaps?dryRun=All', {
    body,
  });
  const [warning] = headers['warning'] as string[];
  expect(Buffer.from(warning!, 'latin1').toString()).toBe('299 - "unknown field \\"größe\\""');
});

test('a server that closes ends its watches', async () => {
  const response = await send(server, 'GET', '/api/v1/namespaces?watch=1');
  let events = 0;
  for await (const _ of response.body as AsyncIterable<Uint8Array>) if (++events === 4) await server.close();
  expect(events).toBe(4);
});

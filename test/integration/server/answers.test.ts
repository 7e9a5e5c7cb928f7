/** Recorded responses of kube-apiserver. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClient } from '../../fixtures/api-client.ts';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
const client = new TestClient(() => server);
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test.each([
  ['/api', '\x0f\n\0\x12\vAPIVersions'],
  ['/api/', '\x0f\n\0\x12\vAPIVersions'],
  ['/api/v1', '\x13\n\0\x12\x0fAPIResourceList'],
])('%s in protobuf', async (path, typeMeta) => {
  const headers = { accept: 'application/vnd.kubernetes.protobuf' };
  const { status, body } = await send(server, 'GET', path, { headers });
  expect(status).toBe(200);
  // TypeMeta has no version, but its first field is written nevertheless.
  const head = `k8s\0\n${typeMeta}\x12`;
  expect(Buffer.from(body as Uint8Array).toString('latin1', 0, head.length)).toBe(head);
});

test.each([
  ['status.successful%3D0', ['fresh']],
  ['status.successful%3D', []],
  ['status.successful%3D2', ['done']],
  ['status.successful!%3D0', ['done']],
])('jobs by %s', async (selector, names) => {
  const jobs = '/apis/batch/v1/namespaces/default/jobs';
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
  for (const name of ['fresh', 'done']) {
    await client.create(jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: { completions: 3, template },
    });
  }
  await client.patch(`${jobs}/done/status`, { status: { succeeded: 2, startTime: '2026-01-01T00:00:00Z' } });
  const { json } = await call(server, 'GET', `${jobs}?fieldSelector=${selector}`);
  expect(
    (json as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name),
  ).toEqual(names);
});

test('a watch from a future revision is open and silent', async () => {
  const { status, text } = await call(
    server,
    'GET',
    '/api/v1/configmaps?watch=1&resourceVersion=99999999&timeoutSeconds=1',
  );
  expect([status, text]).toEqual([200, '']);
});

test('initial events at a future revision are an error within the watch', async () => {
  const query =
    'watch=1&resourceVersion=99999999&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const { status, text } = await call(server, 'GET', `/api/v1/configmaps?${query}&timeoutSeconds=9`);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    type: 'ERROR',
    object: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: expect.stringMatching(/^Timeout: Too large resource version: 99999999, current: \d+$/),
      reason: 'Timeout',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
      code: 504,
    },
  });
});

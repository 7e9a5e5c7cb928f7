/** The addresses of the API on servers that have one reachable by others. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerRunOptions } from '../../../shared/server/options/options.ts';
import type { StorageFactory } from '../../../shared/storage/storage.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const ENDPOINTS = '/api/v1/namespaces/default/endpoints/kubernetes';
const SLICE = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';

let storage: StorageFactory;
const servers: TestServer[] = [];
beforeAll(async () => {
  storage = await newTestStorageFactory();
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** Starts a server and runs its controllers once. */
async function serverWith(options: Partial<ServerRunOptions>, shared?: StorageFactory): Promise<TestServer> {
  const server = await startTestServer(options, shared && { storage: shared });
  servers.push(server);
  expect(await server.reconcile({ patienceMs: 0 })).toEqual([]);
  return server;
}

async function told(server: TestServer): Promise<unknown[]> {
  const answers = await Promise.all([ENDPOINTS, SLICE].map((path) => call(server, 'GET', path)));
  return answers.map(({ json }) => {
    if (json?.['kind'] === 'Status') return json['reason'];
    const { metadata, ...rest } = json as { metadata: { labels: object } };
    return { labels: metadata.labels, ...rest };
  });
}

const ports = [{ name: 'https', port: 6443, protocol: 'TCP' }];
const tellsOf = (addressType: string, ...addresses: string[]) => [
  {
    labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    apiVersion: 'v1',
    kind: 'Endpoints',
    subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports }],
  },
  {
    labels: { 'kubernetes.io/service-name': 'kubernetes' },
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType,
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports,
  },
];

test('all servers of a store are listed, and changes by others are reverted', async () => {
  const first = await serverWith({ advertiseAddress: '192.0.2.10' }, storage);
  expect(await told(first)).toEqual(tellsOf('IPv4', '192.0.2.10'));
  const second = await serverWith({ advertiseAddress: '192.0.2.9' }, storage);
  expect(await told(second)).toEqual(tellsOf('IPv4', '192.0.2.10', '192.0.2.9'));
  const stored = () =>
    Promise.all([ENDPOINTS, SLICE].map(async (path) => (await call(first, 'GET', path)).json!['metadata']));
  const before = await stored();
  expect(await first.reconcile({ patienceMs: 0 })).toEqual([]);
  expect(await stored()).toEqual(before);
  expect((await call(first, 'DELETE', ENDPOINTS)).status).toBe(200);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patch = { endpoints: [], metadata: { labels: { 'kubernetes.io/service-name': null } } };
  expect((await call(first, 'PATCH', SLICE, { headers, body: patch })).status).toBe(200);
  expect(await second.reconcile({ patienceMs: 0 })).toEqual([]);
  expect(await told(first)).toEqual(tellsOf('IPv4', '192.0.2.10', '192.0.2.9'));
});

test.each<[string, Partial<ServerRunOptions>, unknown[]]>([
  [
    'of IPv6',
    { advertiseAddress: '2001:db8::1', serviceClusterIPRange: 'fd00::/108' },
    tellsOf('IPv6', '2001:db8::1'),
  ],
  [
    'no EndpointSlices in releases without them',
    { advertiseAddress: '192.0.2.1', emulatedVersion: ['1.20'] },
    [tellsOf('IPv4', '192.0.2.1')[0], 'NotFound'],
  ],
  ['no loopback addresses', { advertiseAddress: '127.0.0.1' }, ['NotFound', 'NotFound']],
  ['no names', { advertiseAddress: 'acme.example.com' }, ['NotFound', 'NotFound']],
  [
    'nothing without endpoints to publish',
    { advertiseAddress: '192.0.2.1', endpointReconcilerType: 'none' },
    ['NotFound', 'NotFound'],
  ],
])('%s', async (_, options, expected) => {
  expect(await told(await serverWith(options))).toEqual(expected);
});

test.each<[string, Partial<ServerRunOptions>, string]>([
  ['an unsupported reconciler', { endpointReconcilerType: 'magic' }, 'Reconciler not implemented: magic'],
  [
    "an address of an IP family that Services don't use",
    { advertiseAddress: '2001:db8::1' },
    'service IP family "10.0.0.0/24" must match public address family "2001:db8::1"',
  ],
])('rejects %s', async (_, options, message) => {
  await expect(startTestServer(options)).rejects.toThrow(message);
});

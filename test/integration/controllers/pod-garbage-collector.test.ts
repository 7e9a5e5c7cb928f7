/** Pods that wait for the kubelet of a node that isn't there, over the server's real client. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PODS = '/api/v1/namespaces/default/pods';
const NODES = '/api/v1/nodes';

let frozen: TestServer;
let running: TestServer;
beforeAll(async () => {
  // No controller makes the account that pods run as.
  const options = { disableAdmissionPlugins: ['ServiceAccount'] };
  frozen = await startTestServer(options);
  running = await startTestServer(options, { controllers: ['pod-garbage-collector-controller'] });
});
afterAll(async () => {
  await frozen.close();
  await running.close();
});

async function create(server: TestServer, path: string, body: object): Promise<void> {
  expect((await call(server, 'POST', path, { body })).status).toBe(201);
}

async function createPod(server: TestServer, name: string, nodeName: string): Promise<void> {
  const spec = { nodeName, containers: [{ name: 'main', image: 'none' }] };
  await create(server, PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
}

const createNode = (server: TestServer, name: string): Promise<void> =>
  create(server, NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name } });

/** Asks for a graceful end, which only a kubelet could confirm. */
async function terminate(server: TestServer, name: string): Promise<void> {
  const { status, json } = await call(server, 'DELETE', `${PODS}/${name}?gracePeriodSeconds=1`);
  expect([status, json]).toMatchObject([200, { metadata: { deletionGracePeriodSeconds: 1 } }]);
}

async function podNames(server: TestServer): Promise<string[]> {
  const { json = {} } = await call(server, 'GET', PODS);
  return (json['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}

test('a terminating pod of a node that is gone is removed, one whose node is there stays', async () => {
  await createNode(frozen, 'here');
  await createPod(frozen, 'of-here', 'here');
  await createPod(frozen, 'of-nowhere', 'gone');
  await createPod(frozen, 'untouched', 'gone');
  await terminate(frozen, 'of-here');
  await terminate(frozen, 'of-nowhere');
  expect(await frozen.reconcile({ patienceMs: 3_000 })).toEqual([]);
  expect(await podNames(frozen)).toEqual(['of-here', 'untouched']);
});

test("a node's end wakes those who wait for it, of a stream's record and in the process alike", async () => {
  await call(frozen, 'DELETE', `${NODES}/here`);
  const end = {
    type: 'DELETED' as const,
    resource: { group: '', resource: 'nodes' },
    namespace: '',
    name: 'here',
    // No more than that is known.
    object: () => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' } }),
  };
  expect(await frozen.reconcile({ changes: [end], patienceMs: 3_000 })).toEqual([]);
  expect(await podNames(frozen)).toEqual(['untouched']);

  await createNode(running, 'here');
  await createPod(running, 'of-here', 'here');
  await terminate(running, 'of-here');
  await running.idle();
  expect(await podNames(running)).toEqual(['of-here']);
  await call(running, 'DELETE', `${NODES}/here`);
  await expect.poll(() => podNames(running), { timeout: 30_000 }).toEqual([]);
});

/** Pods waiting for the kubelet of a missing node, with the server's real client. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PodGarbageCollector } from '../../../shared/controllers/pod/pod-garbage-collector.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PODS = '/api/v1/namespaces/default/pods';
const NODES = '/api/v1/nodes';

let frozen: TestServer;
let running: TestServer;
beforeAll(async () => {
  // No controller creates the pods' service account.
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

/** Requests a graceful deletion, which only a kubelet could complete. */
async function terminate(server: TestServer, name: string): Promise<void> {
  const { status, json } = await call(server, 'DELETE', `${PODS}/${name}?gracePeriodSeconds=1`);
  expect([status, json]).toMatchObject([200, { metadata: { deletionGracePeriodSeconds: 1 } }]);
}

async function podNames(server: TestServer): Promise<string[]> {
  const { json = {} } = await call(server, 'GET', PODS);
  return (json['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}

test('a terminating pod on a deleted node is removed, one on an existing node is kept', async () => {
  await createNode(frozen, 'here');
  await createPod(frozen, 'of-here', 'here');
  await createPod(frozen, 'of-nowhere', 'gone');
  await createPod(frozen, 'untouched', 'gone');
  await terminate(frozen, 'of-here');
  await terminate(frozen, 'of-nowhere');
  expect(await frozen.reconcile({ patienceMs: 3_000 })).toEqual([]);
  expect(await podNames(frozen)).toEqual(['of-here', 'untouched']);
});

test('the deletion of a node triggers its pods, from a stream record and in process alike', async () => {
  await call(frozen, 'DELETE', `${NODES}/here`);
  const end = {
    type: 'DELETED' as const,
    resource: { group: '', resource: 'nodes' },
    namespace: '',
    name: 'here',
    // Nothing else is known of the object.
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

async function setStatus(path: string, status: object): Promise<void> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  const answer = await call(frozen, 'PATCH', `${path}/status`, { headers, body: { status } });
  expect(answer.status).toBe(200);
}

test('a pod on a missing node fails with a reason, and is deleted', async () => {
  let now = Date.parse('2030-01-01T00:00:00Z');
  const collector = new PodGarbageCollector(frozen.resources, { now: () => now });
  const key = 'default/orphan';
  await create(frozen, PODS, {
    metadata: { name: 'orphan', finalizers: ['example.com/held'] },
    spec: { nodeName: 'lost', containers: [{ name: 'main', image: 'none' }] },
  });
  expect(await collector.reconcile(key)).toBe(40_000);
  now += 30_000;
  // A new instance does not know since when.
  expect(await new PodGarbageCollector(frozen.resources, { now: () => now }).reconcile(key)).toBe(10_000);
  await createNode(frozen, 'lost');
  expect(await collector.reconcile(key)).toBeUndefined();
  await call(frozen, 'DELETE', `${NODES}/lost`);
  expect(await collector.reconcile('/lost')).toBe(40_000);
  now += 40_000;
  expect(await collector.reconcile('/lost')).toBeUndefined();
  const { json } = await call(frozen, 'GET', `${PODS}/orphan`);
  expect(json).toMatchObject({
    metadata: { deletionGracePeriodSeconds: 0 },
    status: {
      phase: 'Failed',
      observedGeneration: 1,
      conditions: [
        {
          type: 'DisruptionTarget',
          status: 'True',
          observedGeneration: 1,
          lastTransitionTime: '2030-01-01T00:01:10Z',
          reason: 'DeletionByPodGC',
          message: 'PodGC: node no longer exists',
        },
      ],
    },
  });
  const headers = { 'content-type': 'application/merge-patch+json' };
  await call(frozen, 'PATCH', `${PODS}/orphan`, { headers, body: { metadata: { finalizers: null } } });
  expect((await call(frozen, 'GET', `${PODS}/orphan`)).status).toBe(404);
});

test('a terminating pod on an out-of-service node is deleted, and one on a ready node is kept', async () => {
  const collector = new PodGarbageCollector(frozen.resources);
  await create(frozen, NODES, {
    metadata: { name: 'broken' },
    spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute', value: 'down' }] },
  });
  await createPod(frozen, 'staying', 'broken');
  await createPod(frozen, 'leaving', 'broken');
  await call(frozen, 'DELETE', `${PODS}/leaving`);
  await setStatus(`${NODES}/broken`, { conditions: [{ type: 'Ready', status: 'True' }] });
  expect(await collector.reconcile('default/leaving')).toBeUndefined();
  expect((await call(frozen, 'GET', `${PODS}/leaving`)).status).toBe(200);
  await setStatus(`${NODES}/broken`, { conditions: [{ type: 'Ready', status: 'Unknown' }] });
  expect(await collector.reconcile('/broken')).toBeUndefined();
  expect((await call(frozen, 'GET', `${PODS}/leaving`)).status).toBe(404);
  expect((await call(frozen, 'GET', `${PODS}/staying`)).status).toBe(200);
});

test('of too many terminated pods the evicted and the oldest are deleted', async () => {
  let now = Date.now() + 60_000;
  const collector = new PodGarbageCollector(frozen.resources, { terminatedThreshold: 2, now: () => now });
  for (const [name, status] of [
    ['ended-1', { phase: 'Succeeded' }],
    ['ended-2', { phase: 'Failed' }],
    ['ended-3', { phase: 'Succeeded' }],
    ['ended-4', { phase: 'Failed', reason: 'Evicted' }],
  ] as const) {
    await createPod(frozen, name, 'broken');
    await setStatus(`${PODS}/${name}`, status);
  }
  expect(await collector.reconcile('/')).toBeUndefined();
  const ended = async () => (await podNames(frozen)).filter((name) => name.startsWith('ended-'));
  expect(await ended()).toEqual(['ended-2', 'ended-3']);
  now += 5_000;
  expect(await collector.reconcile('/')).toBe(15_000);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { resourceQuota } from '../../../shared/admission/plugins/resource-quota.ts';
import type { ResourceQuota } from '../../../shared/apis/core/v1/types.ts';
import type { Change } from '../../../shared/controllers/controller.ts';
import { ResourceQuotaController } from '../../../shared/controllers/resource-quota/resource-quota-controller.ts';
import { WorkQueue } from '../../../shared/controllers/work-queue.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { UnknownResourceError } from '../../../shared/rest/resource-access.ts';
import type { GroupResource } from '../../../shared/runtime/group-version.ts';
import { runPlugin, TestCluster, testDependencies } from '../../fixtures/admission.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';
import { internalObject, type Manifest } from '../../fixtures/internal-object.ts';

const allOn = () => true;

const CONFIG_MAPS = { group: '', resource: 'configmaps' };
const QUOTAS = { group: '', resource: 'resourcequotas' };
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };

const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns' },
});
const quota = (hard: object, status: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'ns', uid: 'u' },
  spec: { hard },
  status,
});
const withUsed = (used: string) =>
  quota({ configmaps: '10' }, { hard: { configmaps: '10' }, used: { configmaps: used } });
const pod = (phase: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
  status: { phase },
});
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'ns' }, spec: {} };

const statusOf = (cluster: TestCluster) => (cluster.find(QUOTAS, 'ns', 'q') as ResourceQuota).status;

function changeOf(type: Change['type'], resource: string, manifest: Manifest): Change {
  const { namespace = '', name = '' } = manifest.metadata as { namespace?: string; name?: string };
  return { type, resource: { group: '', resource }, namespace, name, object: () => internalObject(manifest) };
}

const outOfStep = quota({ configmaps: '20' }, { hard: { configmaps: '10' }, used: { configmaps: '1' } });

it.each<[string, Change, string[]]>([
  ['a new quota', changeOf('ADDED', 'resourcequotas', quota({ pods: '1' })), ['ns']],
  ['a quota with another limit', changeOf('MODIFIED', 'resourcequotas', outOfStep), ['ns']],
  ['a quota that was charged', changeOf('MODIFIED', 'resourcequotas', withUsed('3')), []],
  ['a deleted quota, which may count itself', changeOf('DELETED', 'resourcequotas', withUsed('3')), ['ns']],
  ['a new object', changeOf('ADDED', 'configmaps', configMap('a')), []],
  ['a changed object', changeOf('MODIFIED', 'configmaps', configMap('a')), []],
  ['a deleted object', changeOf('DELETED', 'configmaps', configMap('a')), ['ns']],
  ['a running pod', changeOf('MODIFIED', 'pods', pod('Running')), []],
  ['a terminated pod', changeOf('MODIFIED', 'pods', pod('Succeeded')), ['ns']],
  ['a service', changeOf('MODIFIED', 'services', service), ['ns']],
  [
    'a cluster-scoped object',
    changeOf('DELETED', 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }),
    [],
  ],
])('%s', (_, change, keys) => {
  expect(new ResourceQuotaController(new TestCluster(), allOn).keysFor(change)).toEqual(keys);
});

const SETTLE_MS = 1000;

function counting(...objects: Manifest[]) {
  const cluster = new TestCluster(objects);
  const clock = new HandClock();
  return { cluster, clock, controller: new ResourceQuotaController(cluster, allOn, { clock }) };
}

describe('counts', () => {
  it('a new quota immediately, and again when all writes in flight are visible', async () => {
    const { cluster, clock, controller } = counting(quota({ configmaps: '10', pods: '2' }), configMap('a'));
    const done = controller.reconcile('ns');
    await clock.asleep();
    const hard = { configmaps: '10', pods: '2' };
    expect(statusOf(cluster)).toEqual({ hard, used: { configmaps: '1', pods: '0' } });
    cluster.put(internalObject(configMap('b')), CONFIG_MAP);
    clock.advance(SETTLE_MS);
    expect(await done).toBe(300_000);
    expect(statusOf(cluster)).toEqual({ hard, used: { configmaps: '2', pods: '0' } });
  });

  it('charges without an object, after a while', async () => {
    const { cluster, clock, controller } = counting(withUsed('5'), configMap('a'));
    const done = controller.reconcile('ns');
    await clock.asleep();
    clock.advance(SETTLE_MS - 1);
    expect(statusOf(cluster).used).toEqual({ configmaps: '5' });
    clock.advance(1);
    await done;
    expect(statusOf(cluster).used).toEqual({ configmaps: '1' });
  });

  it('immediately if the quota has been unchanged for a while', async () => {
    const { cluster, clock, controller } = counting(withUsed('5'), configMap('a'));
    const { metadata } = cluster.find(QUOTAS, 'ns', 'q')!;
    controller.keysFor(
      changeOf('MODIFIED', 'resourcequotas', { ...withUsed('5'), metadata: { ...metadata } }),
    );
    clock.advance(SETTLE_MS);
    await controller.reconcile('ns');
    expect(statusOf(cluster).used).toEqual({ configmaps: '1' });
  });

  it('objects that were never charged', async () => {
    const { cluster, controller } = counting(withUsed('0'), configMap('a'));
    await controller.reconcile('ns');
    expect(statusOf(cluster).used).toEqual({ configmaps: '1' });
  });

  it('no less than the charges while it waits', async () => {
    const { cluster, clock, controller } = counting(withUsed('5'), configMap('a'));
    const done = controller.reconcile('ns');
    await clock.asleep();
    const plugin = resourceQuota(testDependencies({ cluster }));
    await runPlugin(plugin, { object: configMap('b'), cluster });
    clock.advance(SETTLE_MS);
    await clock.asleep();
    expect(statusOf(cluster).used).toEqual({ configmaps: '2' });
    cluster.put(internalObject(configMap('b')), CONFIG_MAP);
    clock.advance(SETTLE_MS);
    await done;
    expect(statusOf(cluster).used).toEqual({ configmaps: '2' });
  });

  it('nothing for resources not served', async () => {
    class Unserved extends TestCluster {
      override lister<T extends KubeObject>(resource: GroupResource) {
        if (resource.group === '') return super.lister<T>(resource);
        const fail = () => Promise.reject(new UnknownResourceError('foos.example.com'));
        return { snapshot: fail, get: fail, list: fail, count: fail, replacedAt: fail };
      }
    }
    const cluster = new Unserved([quota({ 'count/foos.example.com': '3' })]);
    const clock = new HandClock();
    const done = new ResourceQuotaController(cluster, allOn, { clock }).reconcile('ns');
    await clock.asleep();
    clock.advance(SETTLE_MS);
    await done;
    expect(statusOf(cluster).used).toEqual({ 'count/foos.example.com': '0' });
  });

  it('nothing without a quota', async () => {
    const controller = new ResourceQuotaController(new TestCluster(), allOn);
    expect(await controller.reconcile('ns')).toBeUndefined();
    expect([...(await controller.allKeys())]).toEqual([]);
  });
});

it('releases usage of deleted objects, and never exceeds the limit', async () => {
  const cluster = new TestCluster([withUsed('0')]);
  const settleMs = 60;
  const controller = new ResourceQuotaController(cluster, allOn, { settleMs });
  const errors: unknown[] = [];
  const queue = new WorkQueue({
    workers: 4,
    work: (key) => controller.reconcile(key),
    onError: (_, error) => errors.push(error),
  });
  const servers = [1, 2].map(() => resourceQuota(testDependencies({ cluster })));
  const live = (): number => cluster.snapshot(CONFIG_MAPS).items.length;
  const each = 4;
  let [created, most] = [0, 0];
  const user = async (index: number): Promise<void> => {
    for (let [round, own] = [0, 0]; own < each; round++) {
      const object = configMap(`cm-${index}-${round}`);
      const { refused } = await runPlugin(servers[index % 2]!, { object, cluster });
      await sleep(Math.random() * (settleMs / 3));
      if (refused !== undefined) continue;
      cluster.put(internalObject(object), CONFIG_MAP);
      created += 1;
      own += 1;
      most = Math.max(most, live());
      await sleep(Math.random() * settleMs);
      cluster.remove(CONFIG_MAPS, 'ns', object.metadata.name);
      for (const key of controller.keysFor(changeOf('DELETED', 'configmaps', object))) queue.add(key);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => user(index)));
  await queue.idle();
  await queue.stop();
  expect(most).toBeLessThanOrEqual(10);
  // All writers succeeded in the end: released quota was available again.
  expect(created).toBe(20 * each);
  expect(statusOf(cluster).used).toEqual({ configmaps: '0' });
}, 60_000);

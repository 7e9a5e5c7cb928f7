import { beforeEach, expect, test } from 'vitest';
import type { ConfigMap } from '../../../shared/apis/core/v1/types.ts';
import { LegacyTokenTrackingController } from '../../../shared/controllers/authentication/legacy-token-tracking-controller.ts';
import { MemoryResources } from '../../fixtures/memory-resources.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const WHERE = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };

let resources: MemoryResources;
let tracking: LegacyTokenTrackingController;
beforeEach(() => {
  resources = new MemoryResources();
  tracking = new LegacyTokenTrackingController(resources, () => Date.parse('2026-05-01T23:59:59Z'));
});
const data = async () => (await resources.client.get<ConfigMap>(CONFIG_MAPS, WHERE)).data;
const put = (since: string) =>
  resources.client.create(
    CONFIG_MAPS,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: WHERE, data: { since, note: 'x' } } as ConfigMap,
    { namespace: WHERE.namespace },
  );

test('the day of its first run, once', async () => {
  await tracking.reconcile();
  expect(await data()).toEqual({ since: '2026-05-01' });
  await tracking.reconcile();
  expect(resources.writes).toEqual([`create configmaps kube-system/${WHERE.name}`]);
});

test('an existing date is kept', async () => {
  await put('2020-02-29');
  await tracking.reconcile();
  expect(await data()).toEqual({ since: '2020-02-29', note: 'x' });
});

test.each(['', 'yesterday', '2021-02-29', '2026-5-1'])('%j is not a date, and is replaced', async (since) => {
  await put(since);
  await tracking.reconcile();
  expect(await data()).toEqual({ since: '2026-05-01', note: 'x' });
});

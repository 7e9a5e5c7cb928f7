/** Terminated pods, by functions without a snapshot of all pods. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../../fixtures/api-server.ts';
import { type Environment, SparseHost } from '../../fixtures/sparse-host.ts';

const PODS = '/api/v1/namespaces/default/pods';
const OTHERS = 200;

let host: SparseHost;
let api: Environment;
beforeAll(async () => {
  host = await SparseHost.open({ disableAdmissionPlugins: ['ServiceAccount'] });
  api = await host.environment();
  await Promise.all(Array.from({ length: OTHERS }, (_, n) => create(`other-${n}`)));
  await host.settle();
}, 120_000);
afterAll(() => host.close());

async function create(name: string): Promise<void> {
  const spec = { containers: [{ name: 'main', image: 'none' }] };
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  expect((await call(api.server, 'POST', PODS, { body })).status).toBe(201);
}

test('the end of a pod costs what it touches, regardless of other pods', async () => {
  await create('ends');
  await host.settle();
  const headers = { 'content-type': 'application/merge-patch+json' };
  const body = { status: { phase: 'Succeeded' } };
  expect((await call(api.server, 'PATCH', `${PODS}/ends/status`, { body, headers })).status).toBe(200);
  const { readUnits, writeUnits } = await host.settle();
  expect(readUnits).toBeLessThanOrEqual(10);
  expect(writeUnits).toBe(0);
});

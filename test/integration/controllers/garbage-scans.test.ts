/** Scans for missed work by functions that know nothing: what they find of resources they don't read, and what they cost. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { call } from '../../fixtures/api-server.ts';
import { type Environment, SparseHost } from '../../fixtures/sparse-host.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
/** Number from which a resource is only read if it changed. */
const LARGE = 100;

let host: SparseHost;
let api: Environment;
beforeAll(async () => {
  host = await SparseHost.open();
  api = await host.environment();
  await Promise.all(Array.from({ length: LARGE }, (_, n) => create(SECRETS, `filling-${n}`)));
  await host.settle();
}, 120_000);
afterAll(() => host.close());

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

async function create(path: string, name: string, owners: readonly Reference[] = []): Promise<Reference> {
  const kind = path === MAPS ? 'ConfigMap' : 'Secret';
  const data = { filling: Buffer.from('x'.repeat(50)).toString('base64') };
  const body = { apiVersion: 'v1', kind, metadata: { name, ownerReferences: owners }, data };
  const { status, json } = await call(api.server, 'POST', path, { body });
  expect([status, status === 201 ? '' : json]).toEqual([201, '']);
  return { apiVersion: 'v1', kind, name, uid: (json as { metadata: { uid: string } }).metadata.uid };
}

const remove = (path: string, query = '') => call(api.server, 'DELETE', `${path}${query}`);
const status = async (path: string) => (await call(api.server, 'GET', path)).status;

let hours = 0;

/** Runs the schedule in a new environment after an hour in which the controllers heard of one write. */
async function scanned() {
  await create(MAPS, `hour-${++hours}`);
  await host.settle();
  host.passHours(1);
  const { control, cost } = await host.environment();
  await control('clock');
  return await cost();
}

/** Drops the stream records so far. */
const lose = async () => void (await host.records());

beforeEach(async () => {
  await host.settle();
  await scanned();
});

test('a large resource is not read again until it changes', async () => {
  const unchanged = await scanned();
  await create(SECRETS, 'a-change');
  const changed = await scanned();
  expect(changed.readUnits - unchanged.readUnits).toBeGreaterThan(LARGE / 10);
  expect(unchanged.writeUnits).toBeLessThanOrEqual(2);
});

test('a dependent that was not read is deleted after its owner', async () => {
  const owner = await create(MAPS, 'gone-unheard');
  await create(SECRETS, 'left', [owner]);
  await host.settle();
  await scanned();
  await remove(`${MAPS}/gone-unheard`);
  await lose();
  await scanned();
  expect(await status(`${SECRETS}/left`)).toBe(404);
});

test('a dependent that was not read is deleted if its owner was replaced', async () => {
  const owner = await create(MAPS, 'replaced');
  await create(SECRETS, 'of-the-former', [owner]);
  const other = await create(MAPS, 'kept');
  await create(SECRETS, 'of-the-kept', [other]);
  await host.settle();
  await scanned();
  await remove(`${MAPS}/replaced`);
  await create(MAPS, 'replaced');
  await lose();
  await scanned();
  expect([await status(`${SECRETS}/of-the-former`), await status(`${SECRETS}/of-the-kept`)]).toEqual([
    404, 200,
  ]);
});

test('an owner that was not read is deleted after the dependents that it waited for', async () => {
  const owner = await create(SECRETS, 'waiting');
  const blocking = { ...owner, blockOwnerDeletion: true };
  const finalizers = ['example.com/kept'];
  const metadata = { name: 'waited-for', ownerReferences: [blocking], finalizers };
  await call(api.server, 'POST', MAPS, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata } });
  await host.settle();
  await remove(`${SECRETS}/waiting`, '?propagationPolicy=Foreground');
  await host.settle();
  await scanned();
  expect(await status(`${SECRETS}/waiting`)).toBe(200);
  const headers = { 'content-type': 'application/merge-patch+json' };
  await call(api.server, 'PATCH', `${MAPS}/waited-for`, { body: { metadata: { finalizers: [] } }, headers });
  expect(await status(`${MAPS}/waited-for`)).toBe(404);
  await lose();
  await scanned();
  expect(await status(`${SECRETS}/waiting`)).toBe(404);
});

test('a dependent of an owner that was not read is kept', async () => {
  const owner = await create(SECRETS, 'unread-owner');
  await create(MAPS, 'dependent', [owner]);
  await host.settle();
  await scanned();
  await scanned();
  expect(await status(`${MAPS}/dependent`)).toBe(200);
});

test('owners of kinds that are served since are looked up again', async () => {
  const group = 'late.example.com';
  const reference = { apiVersion: `${group}/v1`, kind: 'Late', name: 'never-made', uid: 'a-uid' };
  await create(SECRETS, 'of-an-unknown-kind', [reference]);
  await host.settle();
  await scanned();
  expect(await status(`${SECRETS}/of-an-unknown-kind`)).toBe(200);
  const names = { plural: 'lates', singular: 'late', kind: 'Late' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `lates.${group}` },
    spec: { group, scope: 'Namespaced', names, versions },
  };
  await call(api.server, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body });
  await host.settle();
  await scanned();
  expect(await status(`${SECRETS}/of-an-unknown-kind`)).toBe(404);
});

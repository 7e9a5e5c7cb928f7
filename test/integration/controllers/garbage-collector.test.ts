/** Owners and dependents with functions that start without state: the effects of a deletion and their cost. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../../fixtures/api-server.ts';
import { type Environment, SparseHost } from '../../fixtures/sparse-host.ts';

let host: SparseHost;
let api: Environment;
beforeAll(async () => {
  host = await SparseHost.open();
  api = await host.environment();
  for (const kind of ['Widget', 'Box']) await post(DEFINITIONS, definition(kind));
  await host.settle();
}, 120_000);
afterAll(() => host.close());

const CORE = '/api/v1/namespaces/default';
const MAPS = `${CORE}/configmaps`;
const SECRETS = `${CORE}/secrets`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const BOXES = '/apis/example.com/v1/namespaces/default/boxes';

/** The plural of Box is regular, that of Widget is not. */
function definition(kind: string) {
  const plural = kind === 'Box' ? 'boxes' : 'manywidgets';
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: kind === 'Box' ? 'Namespaced' : 'Cluster',
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly blockOwnerDeletion?: boolean;
}

async function post(path: string, body: object): Promise<{ metadata: { uid: string; name: string } }> {
  const { status, json } = await call(api.server, 'POST', path, { body });
  expect([status, status === 201 ? '' : json]).toEqual([201, '']);
  return json as never;
}

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  [MAPS]: ['v1', 'ConfigMap'],
  [SECRETS]: ['v1', 'Secret'],
  [BOXES]: ['example.com/v1', 'Box'],
  '/apis/example.com/v1/manywidgets': ['example.com/v1', 'Widget'],
};

async function create(
  path: string,
  name: string,
  owners: readonly Reference[] = [],
  block = false,
): Promise<Reference> {
  const [apiVersion, kind] = NAMES[path]!;
  const ownerReferences = owners.map((owner) => ({ ...owner, ...(block && { blockOwnerDeletion: true }) }));
  const { metadata } = await post(path, { apiVersion, kind, metadata: { name, ownerReferences } });
  return { apiVersion, kind, name, uid: metadata.uid };
}

const remove = (path: string, query = '') => call(api.server, 'DELETE', `${path}${query}`);
const status = async (path: string) => (await call(api.server, 'GET', path)).status;
const ownersOf = async (path: string) => {
  const { json } = await call(api.server, 'GET', path);
  const { ownerReferences = [] } = (json as { metadata: { ownerReferences?: Reference[] } }).metadata;
  return ownerReferences.map(({ name }) => name);
};

test('a deletion without dependents costs what it touches, regardless of other data', async () => {
  await create(MAPS, 'alone');
  await host.settle();
  await remove(`${MAPS}/alone`);
  const { readUnits, writeUnits } = await host.settle();
  expect(readUnits).toBeLessThanOrEqual(10);
  expect(writeUnits).toBe(0);
});

test.each([
  ['a built-in resource', MAPS],
  ['a custom resource', BOXES],
  ['a custom resource of another plural, in no namespace', '/apis/example.com/v1/manywidgets'],
])('dependents are deleted with their owner: %s', async (what, path) => {
  const name = what.replaceAll(/[ ,]+/g, '-');
  const owner = await create(path, name);
  const other = await create(MAPS, `other-of-${name}`);
  await create(SECRETS, `sole-${name}`, [owner]);
  await create(SECRETS, `shared-${name}`, [owner, other]);
  await host.settle();
  await remove(`${path}/${name}`);
  await host.settle();
  expect(await status(`${SECRETS}/sole-${name}`)).toBe(404);
  expect(await ownersOf(`${SECRETS}/shared-${name}`)).toEqual([other.name]);
});

test('a recreated owner is a different one', async () => {
  const first = await create(MAPS, 'again');
  await create(SECRETS, 'of-the-first', [first]);
  await host.settle();
  await remove(`${MAPS}/again`);
  const second = await create(MAPS, 'again');
  await create(SECRETS, 'of-the-second', [second]);
  await host.settle();
  expect([await status(`${SECRETS}/of-the-first`), await status(`${SECRETS}/of-the-second`)]).toEqual([
    404, 200,
  ]);
});

test('a dependent created while its owner is deleted is collected, in any order of events', async () => {
  for (const [index, order] of [
    ['owner', 'dependent'],
    ['dependent', 'owner'],
  ].entries()) {
    const owner = await create(MAPS, `racing-${index}`);
    await host.settle();
    await create(SECRETS, `racer-${index}`, [owner]);
    await remove(`${MAPS}/racing-${index}`);
    const records = await host.records();
    const of = (kind: string) =>
      records.filter(
        ({ dynamodb }) => dynamodb.NewImage['pk']?.S?.includes('secrets') === (kind === 'dependent'),
      );
    for (const kind of order) await (await host.environment()).control(of(kind));
    await host.settle();
    expect(await status(`${SECRETS}/racer-${index}`)).toBe(404);
  }
});

test('in the foreground, an owner is deleted after its blocking dependents', async () => {
  const owner = await create(BOXES, 'patient');
  const blocking = await create(MAPS, 'blocking', [owner], true);
  await create(SECRETS, 'below', [blocking], true);
  await create(SECRETS, 'not-blocking', [owner]);
  await host.settle();
  await remove(`${BOXES}/patient`, '?propagationPolicy=Foreground');
  expect(await status(`${BOXES}/patient`)).toBe(200);
  await host.settle();
  const left = await Promise.all(
    [`${BOXES}/patient`, `${MAPS}/blocking`, `${SECRETS}/below`, `${SECRETS}/not-blocking`].map(status),
  );
  expect(left).toEqual([404, 404, 404, 404]);
});

test('cyclic owners are deleted', async () => {
  const a = await create(MAPS, 'circle-a');
  const b = await create(MAPS, 'circle-b', [a], true);
  const patch = { metadata: { ownerReferences: [{ ...b, blockOwnerDeletion: true }] } };
  const headers = { 'content-type': 'application/merge-patch+json' };
  await call(api.server, 'PATCH', `${MAPS}/circle-a`, { body: patch, headers });
  await host.settle();
  await remove(`${MAPS}/circle-a`, '?propagationPolicy=Foreground');
  await host.settle();
  expect([await status(`${MAPS}/circle-a`), await status(`${MAPS}/circle-b`)]).toEqual([404, 404]);
});

test('orphans are kept', async () => {
  const owner = await create(MAPS, 'leaving');
  await create(SECRETS, 'orphan', [owner]);
  await host.settle();
  await remove(`${MAPS}/leaving`, '?propagationPolicy=Orphan');
  await host.settle();
  expect(await status(`${MAPS}/leaving`)).toBe(404);
  expect(await ownersOf(`${SECRETS}/orphan`)).toEqual([]);
});

test('work of missed writes is found', async () => {
  const owner = await create(MAPS, 'unheard');
  await create(SECRETS, 'missed', [owner]);
  const kept = await create(MAPS, 'unheard-kept');
  await create(SECRETS, 'missed-kept', [kept]);
  await remove(`${MAPS}/unheard`);
  await host.records();
  await (await host.environment()).control('clock');
  await host.settle();
  expect([await status(`${SECRETS}/missed`), await status(`${SECRETS}/missed-kept`)]).toEqual([404, 200]);
  await remove(`${MAPS}/unheard-kept`);
  await host.settle();
  expect(await status(`${SECRETS}/missed-kept`)).toBe(404);
});

test('a write of an owned object costs what it touches', async () => {
  const owner = await create(MAPS, 'steady');
  await create(SECRETS, 'written', [owner]);
  await host.settle();
  const headers = { 'content-type': 'application/merge-patch+json' };
  const body = { metadata: { labels: { a: 'b' } } };
  await call(api.server, 'PATCH', `${SECRETS}/written`, { body, headers });
  const { readUnits, writeUnits } = await host.settle();
  expect(readUnits).toBeLessThanOrEqual(10);
  expect(writeUnits).toBe(0);
});

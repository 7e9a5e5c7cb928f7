/** Definitions without objects cost a controllers function nothing, and those that require work are found. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { call } from '../../fixtures/api-server.ts';
import { type Environment, SparseHost } from '../../fixtures/sparse-host.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'example.com';
const MANY = 20;

let host: SparseHost;
let api: Environment;
beforeAll(async () => {
  host = await SparseHost.open();
  api = await host.environment();
  for (let n = 0; n < MANY; n++) await post(DEFINITIONS, definition(`things${n}`, `Thing${n}`));
  await host.settle();
}, 120_000);
afterAll(() => host.close());

const definition = (plural: string, kind: string) => ({
  metadata: { name: `${plural}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural, kind },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' as const } } },
    ],
  },
});

async function post(path: string, body: object): Promise<void> {
  const { status, json } = await call(api.server, 'POST', path, { body });
  expect([status, status === 201 ? '' : json]).toEqual([201, '']);
}

const statusOf = async (path: string) => (await call(api.server, 'GET', path)).status;

/** Keys of partitions read during `work`. */
async function readsOf(work: () => Promise<unknown>): Promise<string[]> {
  const keys: string[] = [];
  const { get, query } = SDKDynamoDBTable.prototype;
  const spies = [
    vi.spyOn(SDKDynamoDBTable.prototype, 'get').mockImplementation(function (
      this: SDKDynamoDBTable,
      key,
      options,
    ) {
      keys.push(`${key.pk} ${key.sk}`);
      return get.call(this, key, options);
    }),
    vi.spyOn(SDKDynamoDBTable.prototype, 'query').mockImplementation(function (
      this: SDKDynamoDBTable,
      asked,
    ) {
      keys.push(asked.pk);
      return query.call(this, asked);
    }),
  ];
  await work();
  for (const spy of spies) spy.mockRestore();
  return keys;
}

/** Those of a definition or its objects. */
const ofThings = (keys: readonly string[]) => keys.filter((key) => /things?\d/i.test(key));

async function deleteNamespace(name: string): Promise<void> {
  await call(api.server, 'DELETE', `/api/v1/namespaces/${name}`);
  await host.settle();
}

test('the deletion of a Namespace examines only resources ever written to', async () => {
  for (const name of ['first', 'second']) await post('/api/v1/namespaces', { metadata: { name } });
  await host.settle();
  expect(ofThings(await readsOf(() => deleteNamespace('first')))).toEqual([]);
  const objects = `/apis/${GROUP}/v1/namespaces/second/things7`;
  await post(objects, { apiVersion: `${GROUP}/v1`, kind: 'Thing7', metadata: { name: 'a' } });
  const others = ofThings(await readsOf(() => deleteNamespace('second'))).filter(
    (key) => !key.includes('things7'),
  );
  expect([others, await statusOf('/api/v1/namespaces/second'), await statusOf(`${objects}/a`)]).toEqual([
    [],
    404,
    404,
  ]);
});

test('an hour with writes reads no individual definitions', async () => {
  const { control } = await host.environment();
  host.passHours(1);
  const keys = await readsOf(() => control('clock'));
  expect(keys).toContain('#resources');
  expect(ofThings(keys).filter((key) => !key.includes('things7'))).toEqual([]);
});

test('the hourly run completes definitions whose writers did not, and their registrations', async () => {
  await post(DEFINITIONS, definition('waiting', 'Thing3'));
  const status = async () => {
    const { json } = await call(api.server, 'GET', `${DEFINITIONS}/waiting.${GROUP}`);
    const { conditions } = (json as { status: { conditions: { type: string; status: string }[] } }).status;
    return conditions.find(({ type }) => type === 'Established')?.status;
  };
  expect(await status()).toBe('False');
  // Simulates that the process that deleted the other one died, and that the stream delivered no record.
  const afterWrite = vi.spyOn(
    (await import('../../../shared/apiextensions/controller/definition-reconciler.ts')).DefinitionReconciler
      .prototype,
    'afterWrite',
  );
  afterWrite.mockResolvedValue();
  await call(api.server, 'DELETE', `${DEFINITIONS}/things3.${GROUP}`);
  afterWrite.mockRestore();
  await call(api.server, 'DELETE', `/apis/apiregistration.k8s.io/v1/apiservices/v1.${GROUP}`);
  await host.records();
  expect(await status()).toBe('False');
  host.passHours(1);
  const { control } = await host.environment();
  // A write was reported meanwhile.
  await control([]);
  host.passHours(1);
  await control('clock');
  expect([await status(), await statusOf(`/apis/apiregistration.k8s.io/v1/apiservices/v1.${GROUP}`)]).toEqual(
    ['True', 200],
  );
});

/**
 * Writes of custom resources, dry-run or not, return what reads return for the stored object, in its storage version.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { type Answer, refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { DEFINITIONS, definitionManifest, object, pathOf } from '../../fixtures/apiextensions/manifest.ts';

let server: TestServer;
const client = new TestClient(() => server);

const NUMBER: JSONSchemaProps = { type: 'integer' };
const STATUS: JSONSchemaProps = {
  type: 'object',
  default: { seen: -1 },
  properties: { seen: NUMBER, phase: { type: 'string' } },
};
/** A version with a field of its own. */
const version = (own: string, storage: boolean) => ({
  storage,
  subresources: { status: {} },
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { size: NUMBER, [own]: { ...NUMBER, default: 7 } } },
        status: STATUS,
      },
    } satisfies JSONSchemaProps,
  },
});

beforeAll(async () => {
  server = await startTestServer();
  const manifest = definitionManifest('Shown', [version('first', false), version('second', true)]);
  expect(refusalOf(await client.create(DEFINITIONS, manifest))).toBe('201');
});
afterAll(() => server.close());

interface Shown {
  readonly spec: unknown;
  readonly status: unknown;
}
type Write = (name: string, query: string) => Promise<Answer<Shown>>;
const APPLY = 'application/apply-patch+yaml';
const written = (name: string, apiVersion: string) =>
  object(
    'Shown',
    name,
    { spec: { size: 2, [apiVersion === 'v1' ? 'first' : 'second']: 4 }, status: { phase: 'Lost' } },
    apiVersion,
  );
const create =
  (apiVersion: string): Write =>
  (name, query) =>
    client.create(`${pathOf('Shown', apiVersion)}?${query}`, written(name, apiVersion));
const apply =
  (apiVersion: string): Write =>
  (name, query) =>
    client.patch(
      `${pathOf('Shown', apiVersion)}/${name}?fieldManager=a&force=true&${query}`,
      written(name, apiVersion),
      APPLY,
    );
const merge =
  (apiVersion: string, part: string, patch: object): Write =>
  (name, query) =>
    client.patch(`${pathOf('Shown', apiVersion)}/${name}${part}?${query}`, patch);

test.each<[string, string, boolean, Write, unknown[]]>([
  ['created', 'v1', false, create('v1'), [{ size: 2 }, { seen: -1 }]],
  ['created', 'v2', false, create('v2'), [{ size: 2, second: 4 }, { seen: -1 }]],
  ['applied', 'v1', false, apply('v1'), [{ size: 2 }, { seen: -1 }]],
  ['applied', 'v2', false, apply('v2'), [{ size: 2, second: 4 }, { seen: -1 }]],
  ['applied again', 'v2', true, apply('v2'), [{ size: 2, second: 4 }, { seen: -1 }]],
  ['patched', 'v1', true, merge('v1', '', { spec: { first: 9 } }), [{ size: 1 }, { seen: -1 }]],
  [
    'patched',
    'v2',
    true,
    merge('v2', '', { spec: { second: null } }),
    [{ size: 1, second: 7 }, { seen: -1 }],
  ],
  [
    'status',
    'v1',
    true,
    merge('v1', '/status', { status: { phase: 'Ready' } }),
    [{ size: 1 }, { seen: -1, phase: 'Ready' }],
  ],
])('%s in %s (there before: %s)', async (way, apiVersion, isThere, write, expected) => {
  const name = `${way.replace(' ', '-')}-${apiVersion}`;
  if (isThere) await client.create(pathOf('Shown', 'v2'), object('Shown', name, { spec: { size: 1 } }, 'v2'));
  const answers = [await write(name, 'dryRun=All'), await write(name, '')];
  answers.push(await client.get<Shown>(`${pathOf('Shown', apiVersion)}/${name}`));
  const shown = answers.map(({ object: { spec, status } }) => [spec, status]);
  expect(shown).toEqual([expected, expected, expected]);
});

test('nulls of fields without a type are dropped on read, and stay managed', async () => {
  const anything: JSONSchemaProps = { 'x-kubernetes-preserve-unknown-fields': true };
  const spec: JSONSchemaProps = {
    type: 'object',
    properties: {
      any: anything,
      nullable: { ...anything, nullable: true },
      list: { type: 'array', items: anything },
      deep: { type: 'object', properties: { any: anything } },
    },
  };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  const manifest = definitionManifest('Untyped', [{ schema }]);
  expect(refusalOf(await client.create(DEFINITIONS, manifest))).toBe('201');
  const whole = object('Untyped', 'a', {
    spec: { any: null, nullable: null, list: [null, { any: null }], deep: { any: null } },
  });
  const path = `${pathOf('Untyped')}/a`;
  const shown = async (answer: Promise<Answer>) => {
    const { spec, metadata } = (await answer).object as unknown as UnstructuredObject;
    return [spec, metadata.generation, metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1)];
  };
  const read = { nullable: null, list: [null, { any: null }], deep: {} };
  const managed = { 'f:any': {}, 'f:nullable': {}, 'f:list': {}, 'f:deep': { 'f:any': {} } };
  const one = [read, 1, [{ 'f:spec': managed }]];
  const two = [read, 2, [{ 'f:spec': managed }]];
  const apply = (query: string) => shown(client.patch(`${path}?fieldManager=a${query}`, whole, APPLY));
  expect(await apply('&dryRun=All')).toEqual(one);
  expect(await apply('')).toEqual(one);
  expect(await apply('')).toEqual(two);
  expect(await shown(client.get(path))).toEqual(two);
});

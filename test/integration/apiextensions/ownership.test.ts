import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../../../shared/meta/v1/types.ts';
import { type Answer, refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  object,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

let server: TestServer;
let webhook: WebhookServer;
const client = new TestClient(() => server);
beforeAll(async () => {
  server = await startTestServer();
  webhook = await startWebhookServer(await testAuthority());
});
afterAll(async () => {
  await webhook.close();
  await server.close();
});

interface Owned {
  apiVersion: string;
  metadata: { name: string; managedFields?: ManagedFieldsEntry[] };
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const APPLY = 'application/apply-patch+yaml';
const apply = (path: string, manager: string, body: object, query = '') =>
  client.patch<Owned>(`${path}?fieldManager=${manager}${query}`, body, APPLY);

/** The fields owned by each `manager version[/subresource]`. */
const ownersOf = async (path: string): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    ((await client.get<Owned>(path)).object.metadata.managedFields ?? []).map((entry) => [
      [`${entry.manager} ${entry.apiVersion?.split('/')[1]}`, entry.subresource].filter(Boolean).join('/'),
      entry.fieldsV1,
    ]),
  );

const field = (...path: string[]): object =>
  path.reduceRight<object>((inner, name) => ({ [`f:${name}`]: inner }), {});

describe('of a resource with subresources', () => {
  const integer = { type: 'integer' };
  const path = pathOf('Owned');
  beforeAll(async () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    const schema = schemaOf(
      { type: 'object', properties: { replicas: integer, size: integer } },
      { type: 'object', properties: { replicas: integer, phase: { type: 'string' } } },
    );
    const manifest = definitionManifest('Owned', [
      { schema, subresources: { status: {}, scale } },
      { schema, subresources: { status: {} } },
    ]);
    expect(refusalOf(await client.create(DEFINITIONS, manifest))).toBe('201');
  });

  test('an apply to the status owns nothing else, and one to the main resource owns no status', async () => {
    const whole = object('Owned', 'a', { spec: { size: 1 }, status: { phase: 'Lost' } });
    expect(refusalOf(await apply(path, 'user', whole).then(() => apply(`${path}/a`, 'user', whole)))).toBe(
      '201',
    );
    const status = object('Owned', 'a', { spec: { size: 9 }, status: { phase: 'Ready' } });
    const applied = await apply(`${path}/a/status`, 'controller', status);
    expect(applied.object).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
    expect(await ownersOf(`${path}/a`)).toEqual({
      'user v1': field('spec', 'size'),
      'controller v1/status': field('status', 'phase'),
    });
  });

  test('a scale is applied as a Scale, and conflicts with the manager of the replicas', async () => {
    await apply(`${path}/b`, 'user', object('Owned', 'b', { spec: { replicas: 1 } }));
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'b' } };
    const three = { ...scale, spec: { replicas: 3 } };
    expect(refusalOf(await apply(`${path}/b/scale`, 'scaler', three))).toBe(
      '409 Conflict: Apply failed with 1 conflict: conflict with "user": .spec.replicas',
    );
    const forced = await apply(`${path}/b/scale`, 'scaler', three, '&force=true');
    expect(forced.object).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
    expect(forced.object.metadata).not.toHaveProperty('managedFields');
    expect((await client.get<Owned>(`${path}/b`)).object.spec).toEqual({ replicas: 3 });
    expect(await ownersOf(`${path}/b`)).toEqual({ 'scaler v1/scale': field('spec', 'replicas') });
  });

  test.each([
    ['scale', object('Owned', 'b'), `invalid object type: ${GROUP}/v1, Kind=Owned`],
    ['status', object('Owned', 'b', {}, 'v2'), `invalid object type: ${GROUP}/v2, Kind=Owned`],
    [
      'status',
      { kind: 'Scale', apiVersion: 'autoscaling/v1' },
      'invalid object type: autoscaling/v1, Kind=Scale',
    ],
    ['status', object('Other', 'b'), `invalid object type: ${GROUP}/v1, Kind=Other`],
  ])('%s accepts configurations of its own kind only', async (subresource, body, message) => {
    await apply(`${path}/b`, 'user', object('Owned', 'b', { spec: { size: 1 } }));
    expect(refusalOf(await apply(`${path}/b/${subresource}`, 'x', body))).toBe(`400 BadRequest: ${message}`);
  });

  test('finalizers owned in one version are removed when omitted in another', async () => {
    const first = object('Owned', 'e', { spec: { size: 1 } });
    const held = { ...first, metadata: { name: 'e', finalizers: ['example.com/wait'] } };
    await apply(`${path}/e`, 'user', held);
    const second = object('Owned', 'e', { spec: { size: 1 } }, 'v2');
    const applied = await apply(`${pathOf('Owned', 'v2')}/e`, 'user', second);
    expect(refusalOf(applied)).toBe('200');
    expect(applied.object).toMatchObject({ metadata: { name: 'e' }, spec: { size: 1 } });
    expect(applied.object.metadata).not.toHaveProperty('finalizers');
    expect(await ownersOf(`${path}/e`)).toEqual({ 'user v2': field('spec', 'size') });
  });

  test('all versions are one manager', async () => {
    await apply(`${path}/c`, 'user', object('Owned', 'c', { spec: { size: 1, replicas: 1 } }));
    const second = pathOf('Owned', 'v2');
    const conflict = await apply(`${second}/c`, 'other', object('Owned', 'c', { spec: { size: 2 } }, 'v2'));
    expect(refusalOf(conflict)).toBe(
      `409 Conflict: Apply failed with 1 conflict: conflict with "user": .spec.size`,
    );
    // A field that a manager applied in another version, and no longer applies, is removed.
    await apply(`${second}/c`, 'user', object('Owned', 'c', { spec: { replicas: 1 } }, 'v2'));
    expect((await client.get<Owned>(`${path}/c`)).object.spec).toEqual({ replicas: 1 });
    expect(await ownersOf(`${path}/c`)).toEqual({ 'user v2': field('spec', 'replicas') });
  });
});

describe('of a resource that a webhook converts', () => {
  const path = pathOf('Moved');
  const second = pathOf('Moved', 'v2');
  interface Conversion {
    readonly desiredAPIVersion: string;
    readonly objects: readonly Owned[];
  }

  /** v1 has `spec.size`, v2 `spec.dimensions.width`. */
  const convert = ({ desiredAPIVersion, objects }: Conversion): Owned[] =>
    objects.map((one) => {
      const { size, dimensions, ...others } = one.spec ?? {};
      const width = size ?? (dimensions as { width?: number } | undefined)?.width;
      const isSecond = desiredAPIVersion.endsWith('/v2');
      const moved = isSecond ? { dimensions: { width } } : { size: width };
      return {
        ...one,
        apiVersion: desiredAPIVersion,
        spec: { ...others, ...(width !== undefined && moved) },
      };
    });
  const behave = () =>
    webhook.behave(({ request }) => ({
      result: { status: 'Success' },
      convertedObjects: convert(request as unknown as Conversion),
    }));

  beforeAll(async () => {
    behave();
    const integer = { type: 'integer' };
    const dimensions = { type: 'object', properties: { width: integer } };
    const manifest = definitionManifest(
      'Moved',
      [
        { schema: schemaOf({ type: 'object', properties: { size: integer, both: integer } }) },
        { schema: schemaOf({ type: 'object', properties: { dimensions, both: integer } }) },
      ],
      {
        conversion: {
          strategy: 'Webhook',
          webhook: {
            clientConfig: { url: `${webhook.url}/convert`, caBundle: webhook.caBundle },
            conversionReviewVersions: ['v1'],
          },
        },
      },
    );
    expect(refusalOf(await client.create(DEFINITIONS, manifest))).toBe('201');
  });

  test('a field is the same in every version', async () => {
    await apply(`${path}/a`, 'user', object('Moved', 'a', { spec: { size: 1, both: 1 } }));
    const wider = { spec: { dimensions: { width: 2 } } };
    expect(refusalOf(await apply(`${second}/a`, 'other', object('Moved', 'a', wider, 'v2')))).toBe(
      `409 Conflict: Apply failed with 1 conflict: conflict with "user": .spec.size`,
    );
    await client.patch(`${second}/a?fieldManager=editor`, wider);
    expect(await ownersOf(`${path}/a`)).toEqual({
      'user v1': field('spec', 'both'),
      'editor v2': field('spec', 'dimensions', 'width'),
    });
  });

  test('a manager removes in one version fields it applied in another', async () => {
    await apply(`${path}/b`, 'user', object('Moved', 'b', { spec: { size: 1, both: 1 } }));
    await apply(`${second}/b`, 'user', object('Moved', 'b', { spec: { both: 1 } }, 'v2'));
    expect((await client.get<Owned>(`${path}/b`)).object.spec).toEqual({ both: 1 });
  });

  test('an update succeeds if the webhook fails for its managers, which stay unchanged; an apply fails', async () => {
    for (const name of ['c', 'd']) {
      await apply(`${path}/${name}`, 'user', object('Moved', name, { spec: { size: 1 } }));
      await client.patch(`${second}/${name}?fieldManager=editor`, { spec: { both: 1 } });
    }
    const owners = await ownersOf(`${path}/d`);
    expect(await ownersOf(`${path}/c`)).toEqual(owners);
    webhook.behave(() => ({ result: { status: 'Failure', message: 'not today' } }));
    const updated = await client.patch<Owned>(`${path}/c?fieldManager=late`, { spec: { both: 2 } });
    const applied = await apply(`${path}/d`, 'user', object('Moved', 'd', { spec: { size: 2 } }));
    behave();
    expect(updated.object.spec).toEqual({ size: 1, both: 2 });
    expect(await ownersOf(`${path}/c`)).toEqual(owners);
    expect(await ownersOf(`${path}/d`)).toEqual(owners);
    expect(refusalOf(applied)).toBe(
      `500 undefined: conversion webhook for ${GROUP}/v1, Kind=Moved failed: not today`,
    );
  });
});

describe('of a definition that no longer has a version', () => {
  const path = pathOf('Aged', 'v2');
  const aged = (name: string, fields: object) => object('Aged', name, fields, 'v2');
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
  const BEFORE = { 'user v1': field('spec', 'size'), 'editor v1': field('spec', 'both') };
  const REFUSED = `500 undefined: request to convert CR to an invalid group/version: ${GROUP}/v1`;
  beforeAll(async () => {
    const number = { type: 'integer' };
    const schema = schemaOf(
      { type: 'object', properties: { size: number, both: number } },
      { type: 'object', properties: { phase: { type: 'string' } } },
    );
    const version = { schema, subresources: { status: {} } };
    const of = (...versions: object[]) => definitionManifest('Aged', versions);
    const both = of({ ...version, storage: false }, { ...version, storage: true });
    expect(refusalOf(await client.create(DEFINITIONS, both))).toBe('201');
    for (const name of NAMES) {
      await apply(`${pathOf('Aged')}/${name}`, 'user', object('Aged', name, { spec: { size: 1 } }));
      await client.patch(`${pathOf('Aged')}/${name}?fieldManager=editor`, { spec: { both: 1 } });
    }
    const { name } = both.metadata;
    await client.patch(`${DEFINITIONS}/${name}/status`, { status: { storedVersions: ['v2'] } });
    const { spec } = of({ ...version, name: 'v2', storage: true });
    expect(refusalOf(await client.patch(`${DEFINITIONS}/${name}`, { spec }))).toBe('200');
  });

  test.each<[string, string, () => Promise<Answer<unknown>>]>([
    [REFUSED, 'a', () => apply(`${path}/a`, 'late', aged('a', { spec: { both: 2 } }), '&force=true')],
    [REFUSED, 'b', () => apply(`${path}/b`, 'user', aged('b', { spec: { size: 2 } }))],
    [REFUSED, 'c', () => apply(`${path}/c/status`, 'late', aged('c', { status: { phase: 'Ready' } }))],
    ['200', 'd', () => client.patch(`${path}/d?fieldManager=late`, { spec: { both: 2 } })],
    ['200', 'e', () => client.patch(`${path}/e/status?fieldManager=late`, { status: { phase: 'Ready' } })],
  ])('fields managed in it stay managed: %s, of %s', async (outcome, name, write) => {
    expect(refusalOf(await write())).toBe(outcome);
    expect(await ownersOf(`${path}/${name}`)).toEqual(BEFORE);
  });

  test('resetting the managers allows a new apply', async () => {
    await client.patch(`${path}/f`, { metadata: { managedFields: [{}] } });
    const applied = await apply(`${path}/f`, 'user', aged('f', { spec: { size: 1 } }));
    expect(refusalOf(applied)).toBe('200');
    expect(await ownersOf(`${path}/f`)).toMatchObject({ 'user v2': field('spec', 'size') });
  });
});

test('an object without properties accepts applied fields, which rules see, and drops them', async () => {
  const path = pathOf('Bare');
  const schema = schemaOf({ type: 'object', properties: {} });
  const created = await client.create(DEFINITIONS, definitionManifest('Bare', [{ schema }]));
  expect(refusalOf(created)).toBe('201');
  await client.create(path, object('Bare', 'a', { spec: {} }));
  const more = object('Bare', 'a', { spec: { more: 1 } });
  for (const query of ['&dryRun=All', '']) {
    const { object: applied } = await apply(`${path}/a`, 'user', more, query);
    expect([query, applied.spec, applied.metadata]).toEqual([
      query,
      {},
      expect.objectContaining({ generation: 2 }),
    ]);
  }
  expect((await client.get<Owned>(`${path}/a`)).object.spec).toEqual({});
});

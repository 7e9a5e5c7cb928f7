import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { causesOf, refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  object,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';

let server: TestServer;
const client = new TestClient(() => server);
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.close();
  expect(server.errors).toEqual([expect.stringContaining('".spec.replicas" does not exist')]);
});

interface CustomResource {
  metadata: { generation: number; resourceVersion: string; managedFields: { manager: string }[] };
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const define = async (...args: Parameters<typeof definitionManifest>): Promise<void> => {
  const answer = await client.create(DEFINITIONS, definitionManifest(...args));
  expect(refusalOf(answer)).toBe('201');
};

const CRON: JSONSchemaProps = {
  type: 'object',
  required: ['schedule'],
  properties: {
    schedule: { type: 'string', pattern: '^\\S+$' },
    image: { type: 'string', default: 'busybox' },
    replicas: { type: 'integer', minimum: 0 },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port'],
      items: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'integer' }, name: { type: 'string', nullable: true } },
      },
    },
    big: { type: 'integer', format: 'int64' },
  },
  'x-kubernetes-validations': [{ rule: "self.schedule != 'never'", message: 'must run some time' }],
};

beforeAll(async () => {
  await define('Cron', [
    {
      schema: schemaOf(CRON, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
      selectableFields: [{ jsonPath: '.spec.image' }, { jsonPath: '.spec.replicas' }],
      additionalPrinterColumns: [
        { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' },
        { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
        { name: 'Ports', type: 'string', jsonPath: '.spec.ports' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  ]);
});

const CRONS = pathOf('Cron');
const cron = (name: string, spec: object = {}, more: object = {}) =>
  object('Cron', name, { spec: { schedule: '*', ...spec }, ...more });

describe('writes', () => {
  test('an object is pruned, defaulted and stored; the response equals that of a later read', async () => {
    const created = await call(server, 'POST', `${CRONS}?fieldValidation=Ignore`, {
      body: {
        ...cron('written', { unknown: 1, ports: [{ port: 1, name: null }] }),
        status: { a: 1 },
        other: 1,
      },
    });
    expect(created.json).toEqual({
      kind: 'Cron',
      apiVersion: `${GROUP}/v1`,
      metadata: {
        name: 'written',
        namespace: 'default',
        uid: expect.any(String),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/Z$/),
        generation: 1,
        managedFields: [expect.objectContaining({ manager: 'unknown', operation: 'Update' })],
      },
      spec: { schedule: '*', image: 'busybox', ports: [{ port: 1, name: null }] },
    });
    expect((await call(server, 'GET', `${CRONS}/written`)).text).toBe(created.text);
  });

  test('integers beyond JavaScript numbers are preserved', async () => {
    const body = JSON.stringify(cron('big')).replace('"*"', '"*","big":9007199254740993');
    const created = await call(server, 'POST', CRONS, { body });
    expect(created.text).toContain('"big":9007199254740993');
    expect((await call(server, 'GET', `${CRONS}/big`)).text).toContain('"big":9007199254740993');
    const patched = await client.patch<CustomResource>(`${CRONS}/big`, { spec: { schedule: '1' } });
    expect(patched.text).toContain('"big":9007199254740993');
  });

  test('unknown fields cause warnings or errors', async () => {
    const body = { ...cron('unknown', { unknown: 1 }), other: 1 };
    const warned = await call(server, 'POST', `${CRONS}?dryRun=All`, { body });
    expect(warned.status).toBe(201);
    expect(warned.headers['warning']).toEqual([
      '299 - "unknown field \\"other\\""',
      '299 - "unknown field \\"spec.unknown\\""',
    ]);
    const strict = await call(server, 'POST', `${CRONS}?fieldValidation=Strict`, { body });
    expect(refusalOf(strict)).toBe(
      '400 BadRequest: Cron in version "v1" cannot be handled as a Cron: strict decoding error: unknown field "other", unknown field "spec.unknown"',
    );
  });

  test.each<[string, object, string[]]>([
    [
      'a wrong type, which skips further rules',
      cron('bad', { replicas: 'many' }),
      [
        'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
        '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: many is of the type string, expected int64',
        '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      ],
    ],
    [
      'a missing required field',
      object('Cron', 'bad', { spec: {} }),
      [
        'spec.schedule: Required value',
        '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      ],
    ],
    [
      'a rule, and a list with a duplicate key',
      cron('bad', { schedule: 'never', ports: [{ port: 1 }, { port: 1 }] }),
      ['spec.ports[1]: Duplicate value: {"port":1}', 'spec: Invalid value: must run some time'],
    ],
    [
      'a limit and a pattern',
      cron('bad', { schedule: 'a b', replicas: -1 }),
      [
        'spec.schedule: Invalid value: "a b": spec.schedule in body should match \'^\\S+$\'',
        'spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
        '.spec.replicas: Invalid value: -1: should be a non-negative integer',
      ],
    ],
    ['another kind', { ...cron('bad'), kind: 'Other' }, ['kind: Invalid value: "Other": must be Cron']],
    [
      'a bad name',
      cron('Bad'),
      [
        `metadata.name: Invalid value: "Bad": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      ],
    ],
  ])('rejects %s', async (_, body, causes) => {
    const answer = await client.create(CRONS, body);
    expect(answer.status).toBe(422);
    expect(causesOf(answer).sort()).toEqual(causes.sort());
  });

  test.each<[string, object | string, string]>([
    [
      'another version',
      { ...cron('bad'), apiVersion: `${GROUP}/v2` },
      `400 BadRequest: the API version in the data (${GROUP}/v2) does not match the expected API version (${GROUP}/v1)`,
    ],
    [
      'invalid metadata',
      { ...cron('bad'), metadata: { name: 'bad', labels: { a: 1 } } },
      '400 BadRequest: Cron in version "v1" cannot be handled as a Cron: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
    [
      'invalid JSON',
      '{',
      "400 BadRequest: the object provided is unrecognized (must be of type Cron): couldn't get version/kind; json parse error: unexpected end of JSON input ({)",
    ],
  ])('rejects %s', async (_, body, refusal) => {
    expect(refusalOf(await client.create(CRONS, body))).toBe(refusal);
  });

  test('an update requires the current revision, and does not change the status', async () => {
    const created = await client.create<CustomResource>(CRONS, cron('updated'));
    const { metadata } = created.object;
    const unconditional = await client.update(`${CRONS}/updated`, cron('updated', { schedule: '1' }));
    expect(refusalOf(unconditional)).toBe(
      `422 Invalid: crons.${GROUP} "updated" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    );
    const updated = await client.update<CustomResource>(`${CRONS}/updated`, {
      ...cron('updated', { schedule: '1' }),
      metadata: { name: 'updated', resourceVersion: metadata.resourceVersion },
      status: { a: 1 },
    });
    expect(updated.object).toMatchObject({ metadata: { generation: 2 }, spec: { schedule: '1' } });
    expect(updated.object).not.toHaveProperty('status');
    const stale = await client.update(`${CRONS}/updated`, {
      ...cron('updated', { schedule: '2' }),
      metadata: { name: 'updated', resourceVersion: metadata.resourceVersion },
    });
    expect(refusalOf(stale)).toBe(
      `409 Conflict: Operation cannot be fulfilled on crons.${GROUP} "updated": the object has been modified; please apply your changes to the latest version and try again`,
    );
  });

  test('patches', async () => {
    await client.create(CRONS, cron('patched', { ports: [{ port: 1 }] }));
    const path = `${CRONS}/patched`;
    const merged = await client.patch<CustomResource>(path, { spec: { image: null, schedule: '1' } });
    expect(merged.object.spec).toEqual({ schedule: '1', image: 'busybox', ports: [{ port: 1 }] });
    const jsonPatch = [{ op: 'add', path: '/spec/ports/-', value: { port: 2 } }];
    const patched = await client.patch<CustomResource>(path, jsonPatch, 'application/json-patch+json');
    expect(patched.object.spec['ports']).toEqual([{ port: 1 }, { port: 2 }]);
    const strategic = await client.patch(path, {}, 'application/strategic-merge-patch+json');
    expect(refusalOf(strategic)).toBe(
      '415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
    const strict = await client.patch(`${path}?fieldValidation=Strict`, { spec: { unknown: 1 } });
    expect(causesOf(strict)).toEqual([
      expect.stringMatching(/^patch: .*: strict decoding error: unknown field "spec\.unknown"$/),
    ]);
  });

  test('a patch without changes is not written', async () => {
    const created = await client.create<CustomResource>(CRONS, cron('same'));
    const patched = await client.patch<CustomResource>(`${CRONS}/same`, { spec: { schedule: '*' } });
    expect(patched.object.metadata.resourceVersion).toBe(created.object.metadata.resourceVersion);
  });

  test('configurations are merged by key, and owned', async () => {
    const apply = (manager: string, spec: object, query = '') =>
      client.patch<CustomResource>(
        `${CRONS}/applied?fieldManager=${manager}${query}`,
        cron('applied', spec),
        'application/apply-patch+yaml',
      );
    expect(refusalOf(await apply('a', { ports: [{ port: 1, name: 'one' }] }))).toBe('201');
    const second = await apply('b', { ports: [{ port: 2 }] });
    expect(second.object.spec['ports']).toEqual([{ port: 1, name: 'one' }, { port: 2 }]);
    const conflict = await apply('b', { schedule: '1' });
    expect(refusalOf(conflict)).toBe(
      '409 Conflict: Apply failed with 1 conflict: conflict with "a": .spec.schedule',
    );
    const forced = await apply('b', { schedule: '1' }, '&force=true');
    expect(forced.object.spec).toEqual({
      schedule: '1',
      image: 'busybox',
      ports: [{ port: 1, name: 'one' }],
    });
    expect(refusalOf(await apply('a', { unknown: 1 }))).toBe(
      `500 undefined: failed to create typed patch object (/applied; ${GROUP}/v1, Kind=Cron): .spec.unknown: field not declared in schema`,
    );
  });

  test('finalizers without a domain cause a warning', async () => {
    const body = {
      ...cron('finalized'),
      metadata: { name: 'finalized', finalizers: ['mine', 'a.b', 'a.b/c'] },
    };
    const { headers } = await call(server, 'POST', `${CRONS}?dryRun=All`, { body });
    expect(headers['warning']).toEqual([
      '299 - "metadata.finalizers: \\"a.b\\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers"',
      '299 - "metadata.finalizers: \\"mine\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"',
    ]);
  });
});

describe('reads', () => {
  const names = ({ object }: { object: unknown }) =>
    (object as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);

  beforeAll(async () => {
    for (const [name, image, replicas] of [
      ['read-a', 'one', 1],
      ['read-b', 'two', 2],
      ['read-c', 'two', 3],
    ] as const) {
      const body = cron(name, { image, replicas });
      await client.create(pathOf('Cron', 'v1', 'kube-public'), {
        ...body,
        metadata: { name, labels: { replicas: String(replicas) } },
      });
    }
  });
  const READS = pathOf('Cron', 'v1', 'kube-public');

  test.each<[string, string[]]>([
    ['', ['read-a', 'read-b', 'read-c']],
    ['labelSelector=replicas!=2', ['read-a', 'read-c']],
    ['fieldSelector=metadata.name=read-b', ['read-b']],
    ['fieldSelector=spec.image=two', ['read-b', 'read-c']],
    ['fieldSelector=spec.image=two,spec.replicas!=2', ['read-c']],
  ])('list with %s', async (query, expected) => {
    const list = await client.get(`${READS}?${query}`);
    expect(list.object).toMatchObject({ kind: 'CronList', apiVersion: `${GROUP}/v1` });
    expect(names(list)).toEqual(expected);
  });

  test('list items include their kind', async () => {
    const list = await client.get<{ items: object[] }>(`${READS}?limit=1`);
    expect(list.object.items).toMatchObject([{ kind: 'Cron', apiVersion: `${GROUP}/v1` }]);
  });

  test('fields that are not selectable', async () => {
    expect(refusalOf(await client.get(`${READS}?fieldSelector=spec.schedule=1`))).toBe(
      '400 BadRequest: field label not supported: spec.schedule',
    );
  });

  test('as a table', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { json } = await call(server, 'GET', `${READS}/read-b`, { headers: { accept } });
    expect(json).toMatchObject({
      kind: 'Table',
      columnDefinitions: [
        { name: 'Name', type: 'string', format: 'name', priority: 0 },
        {
          name: 'Schedule',
          type: 'string',
          format: '',
          description: 'Custom resource definition column (in JSONPath format): .spec.schedule',
          priority: 0,
        },
        { name: 'Replicas', type: 'integer', priority: 1 },
        { name: 'Ports' },
        { name: 'Age', type: 'date' },
      ],
      rows: [{ cells: ['read-b', '*', 2, null, expect.stringMatching(/^\d+s$/)] }],
    });
  });

  test('in YAML, and not in protobuf', async () => {
    const yaml = await call(server, 'GET', `${READS}/read-b`, { headers: { accept: 'application/yaml' } });
    expect(yaml.text).toContain('kind: Cron\n');
    const protobuf = 'application/vnd.kubernetes.protobuf';
    expect((await call(server, 'GET', `${READS}/read-b`, { headers: { accept: protobuf } })).status).toBe(
      406,
    );
    const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
    const metadata = await call(server, 'GET', `${READS}/read-b`, { headers: { accept } });
    expect([metadata.status, metadata.headers['content-type']]).toEqual([200, protobuf]);
  });

  test('a watch reports objects that enter a selection, change in it and leave it', async () => {
    const controller = new AbortController();
    const { resourceVersion } = (await client.get<CustomResource>(READS)).object.metadata;
    const answer = await send(
      server,
      'GET',
      `${READS}?watch=true&resourceVersion=${resourceVersion}&fieldSelector=spec.image=three`,
      { signal: controller.signal },
    );
    const change = (spec: object) => client.patch(`${READS}/read-a`, { spec });
    await change({ schedule: '1' });
    await change({ image: 'three' });
    await change({ schedule: '2' });
    await change({ image: 'one' });
    const events: string[] = [];
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      for (const line of Buffer.from(chunk).toString().trim().split('\n')) {
        const event = JSON.parse(line) as { type: string; object: CustomResource };
        events.push(`${event.type} ${event.object.spec['schedule']}`);
      }
      if (events.length === 3) break;
    }
    controller.abort();
    expect(events).toEqual(['ADDED 1', 'MODIFIED 2', 'DELETED 2']);
  });
});

describe('subresources', () => {
  test('the status is written separately from all else', async () => {
    const created = await client.create<CustomResource>(CRONS, cron('status'));
    const path = `${CRONS}/status/status`;
    const updated = await client.update<CustomResource>(path, {
      ...cron('status', { schedule: 'ignored' }),
      metadata: {
        name: 'status',
        resourceVersion: created.object.metadata.resourceVersion,
        labels: { ignored: 'too' },
      },
      status: { phase: 'Running' },
    });
    expect(updated.object).toMatchObject({
      metadata: { generation: 1 },
      spec: { schedule: '*' },
      status: { phase: 'Running' },
    });
    expect(updated.object.metadata).not.toHaveProperty('labels');
    const kept = await client.patch<CustomResource>(`${CRONS}/status`, { status: { phase: 'Gone' } });
    expect(kept.object.status).toEqual({ phase: 'Running' });
  });

  test('the scale reads and writes the configured paths', async () => {
    await client.create(CRONS, cron('scaled', { replicas: 2 }));
    await client.patch(`${CRONS}/scaled/status`, { status: { replicas: 1, selector: 'a=b' } });
    const scale = await client.get<CustomResource>(`${CRONS}/scaled/scale`);
    expect(scale.object).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'scaled', namespace: 'default' },
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'a=b' },
    });
    const scaled = await client.update<CustomResource>(`${CRONS}/scaled/scale`, {
      ...scale.object,
      spec: { replicas: 5 },
    });
    expect(scaled.object.spec).toEqual({ replicas: 5 });
    const parent = await client.get<CustomResource>(`${CRONS}/scaled`);
    expect(parent.object).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
    expect(parent.object.metadata.managedFields).toContainEqual(
      expect.objectContaining({ subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }),
    );
  });

  test('a scale without replicas', async () => {
    await client.create(CRONS, cron('unscaled'));
    expect(refusalOf(await client.get(`${CRONS}/unscaled/scale`))).toBe(
      '500 InternalError: Internal error occurred: the spec replicas field ".spec.replicas" does not exist',
    );
    expect(refusalOf(await client.patch(`${CRONS}/unscaled/scale`, { status: {} }))).toBe(
      '400 BadRequest: the spec replicas field ".spec.replicas" cannot be empty',
    );
    const negative = await client.patch(`${CRONS}/unscaled/scale`, { spec: { replicas: -1 } });
    expect(causesOf(negative)).toEqual([
      'spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
      '.spec.replicas: Invalid value: -1: should be a non-negative integer',
    ]);
  });

  test('a scale of zero replicas', async () => {
    await client.create(CRONS, cron('resting', { replicas: 0 }));
    const read = await client.get<CustomResource>(`${CRONS}/resting/scale`);
    expect([read.status, read.object.spec]).toEqual([200, {}]);
    const touched = await client.patch<CustomResource>(`${CRONS}/resting/scale`, { status: {} });
    expect([touched.status, touched.object.spec]).toEqual([200, {}]);
    await client.create(CRONS, cron('started', { replicas: 2 }));
    const stopped = await client.patch<CustomResource>(`${CRONS}/started/scale`, { spec: { replicas: 0 } });
    expect([stopped.status, stopped.object.spec]).toEqual([200, {}]);
    const again = await client.get<CustomResource>(`${CRONS}/started/scale`);
    expect([again.status, again.object.spec]).toEqual([200, {}]);
    const parent = await client.get<CustomResource>(`${CRONS}/started`);
    expect(parent.object.spec).toMatchObject({ replicas: 0 });
  });

  test('other subresources do not exist', async () => {
    expect(refusalOf(await client.get(`${CRONS}/scaled/other`))).toBe(
      `404 NotFound: crons.${GROUP} "scaled" not found`,
    );
    expect(refusalOf(await client.create(`${CRONS}/scaled/status`, cron('scaled')))).toBe(
      `405 MethodNotAllowed: create is not supported on resources of kind "crons.${GROUP}"`,
    );
  });
});

test('objects are deleted individually or as a collection', async () => {
  await define('Doomed');
  const path = pathOf('Doomed');
  for (const name of ['a', 'b', 'c']) await client.create(path, object('Doomed', name));
  expect((await client.delete(`${path}/a`)).object).toMatchObject({
    status: 'Success',
    details: { name: 'a' },
  });
  expect((await client.delete<{ items: object[] }>(path)).object.items).toHaveLength(2);
  expect((await client.get<{ items: object[] }>(path)).object.items).toEqual([]);
});

test('cluster-scoped resources have no namespaces, and namespaced ones require theirs', async () => {
  await define('Planet', [{}], { scope: 'Cluster' });
  const path = `/apis/${GROUP}/v1/planets`;
  expect(refusalOf(await client.create(path, object('Planet', 'earth')))).toBe('201');
  expect((await client.get(`${path}/earth`)).object.metadata).not.toHaveProperty('namespace');
  for (const url of [pathOf('Planet'), `/apis/${GROUP}/v1/crons/a`]) {
    expect(await call(server, 'GET', url)).toMatchObject({ status: 404, text: '404 page not found\n' });
  }
  expect(await client.create(`/apis/${GROUP}/v1/crons`, cron('a'))).toMatchObject({ status: 404 });
  expect((await client.get(`/apis/${GROUP}/v1/crons`)).status).toBe(200);
});

test('keys named like prototype members are ordinary keys', async () => {
  await define('Odd', [
    {
      schema: schemaOf({
        type: 'object',
        properties: {
          constructor: { type: 'string', default: 'a' },
          map: { type: 'object', additionalProperties: { type: 'string' } },
        },
      }),
    },
  ]);
  const body = `{"apiVersion":"${GROUP}/v1","kind":"Odd","metadata":{"name":"a"},"spec":{"__proto__":{"x":1},"toString":1,"map":{"__proto__":"b","hasOwnProperty":"c"}}}`;
  const created = await call(server, 'POST', pathOf('Odd'), { body });
  expect(created.status).toBe(201);
  expect(created.text).toContain('"spec":{"map":{"__proto__":"b","hasOwnProperty":"c"},"constructor":"a"}');
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  type DefinitionManifest,
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

interface ManagedFieldsEntry {
  apiVersion: string;
  fieldsV1: object;
}

interface Versioned {
  apiVersion: string;
  metadata: { name: string; resourceVersion: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

async function define(manifest: DefinitionManifest): Promise<void> {
  expect(refusalOf(await client.create(DEFINITIONS, manifest))).toBe('201');
}

/** Updates a definition as a client does, by GET and PUT. */
async function redefine(name: string, change: (manifest: DefinitionManifest) => void): Promise<void> {
  const { object: manifest } = await client.get<DefinitionManifest>(`${DEFINITIONS}/${name}`);
  change(manifest);
  expect(refusalOf(await client.update(`${DEFINITIONS}/${name}`, manifest))).toBe('200');
}

const string = { type: 'string' };

describe('without conversion', () => {
  beforeAll(() =>
    define(
      definitionManifest('Plain', [
        { schema: schemaOf({ type: 'object', properties: { old: string, both: string } }) },
        {
          schema: schemaOf({
            type: 'object',
            properties: { new: { ...string, default: 'n' }, both: string },
          }),
          deprecated: false,
        },
        { name: 'v1beta1', deprecated: true },
        { name: 'v1alpha1', deprecated: true, deprecationWarning: 'too old' },
        { name: 'v3', served: false },
      ]),
    ),
  );

  test('an object is returned in every served version, pruned by its schema', async () => {
    const body = object('Plain', 'a', { spec: { both: 'b', old: 'o' } });
    expect(refusalOf(await client.create(pathOf('Plain'), body))).toBe('201');
    const second = await client.get<Versioned>(`${pathOf('Plain', 'v2')}/a`);
    expect(second.object).toMatchObject({ apiVersion: `${GROUP}/v2`, kind: 'Plain', spec: { both: 'b' } });
    expect(second.object.spec).not.toHaveProperty('old');
    expect((await call(server, 'GET', `${pathOf('Plain', 'v3')}/a`)).status).toBe(404);
  });

  test('writes in one version are stored in the storage version', async () => {
    const body = object('Plain', 'b', { spec: { both: 'b' } }, 'v2');
    const created = await client.create<Versioned>(pathOf('Plain', 'v2'), body);
    expect(created.object).toMatchObject({ apiVersion: `${GROUP}/v2`, spec: { both: 'b' } });
    const first = await client.get<Versioned>(`${pathOf('Plain')}/b`);
    expect(first.object).toMatchObject({ apiVersion: `${GROUP}/v1`, spec: { both: 'b' } });
    expect(first.object.metadata.resourceVersion).toBe(created.object.metadata.resourceVersion);
  });

  test('lists and watches are in the requested version', async () => {
    const list = await client.get<{ items: Versioned[] }>(pathOf('Plain', 'v2'));
    expect(list.object.items.map(({ apiVersion, metadata }) => `${apiVersion} ${metadata.name}`)).toEqual([
      `${GROUP}/v2 a`,
      `${GROUP}/v2 b`,
    ]);
    const answer = await send(server, 'GET', `${pathOf('Plain', 'v2')}?watch=true&timeoutSeconds=1`);
    const chunks: Buffer[] = [];
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
    const versions = Buffer.concat(chunks)
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { object: Versioned }).object.apiVersion);
    expect(versions).toEqual([`${GROUP}/v2`, `${GROUP}/v2`]);
  });

  test('managed fields keep the version they were set in, if the object can be converted to the others', async () => {
    const managersAfter = async (version: string, both: string) => {
      await client.patch(`${pathOf('Plain', version)}/a`, { spec: { both } });
      const { object: read } = await client.get<{ metadata: { managedFields: ManagedFieldsEntry[] } }>(
        `${pathOf('Plain')}/a`,
      );
      return read.metadata.managedFields.map(({ apiVersion, fieldsV1 }) => [apiVersion, fieldsV1]);
    };
    const born = [[`${GROUP}/v1`, { 'f:spec': { '.': {}, 'f:both': {}, 'f:old': {} } }]];
    // v2 has a default for a field that v1 lacks.
    expect(await managersAfter('v2', 'c')).toEqual(born);
    expect(await managersAfter('v1beta1', 'd')).toEqual([
      [`${GROUP}/v1`, { 'f:spec': { '.': {}, 'f:old': {} } }],
      [`${GROUP}/v1beta1`, { 'f:spec': { 'f:both': {} } }],
    ]);
  });

  test("fields pruned by one version have another version's defaults when read there, and can't be applied", async () => {
    const leave = (properties: Record<string, object>) => ({
      schema: schemaOf({ type: 'object', properties }),
    });
    const a = { ...string, default: 'one' };
    const list = { type: 'array', items: string };
    const manifest = definitionManifest('Turned', [
      leave({ a, list }),
      leave({ b: { ...string, default: 'two' }, list }),
    ]);
    await define(manifest);
    const body = object('Turned', 'a', { spec: { b: 'x', list: ['1'] } }, 'v2');
    expect(refusalOf(await client.create(pathOf('Turned', 'v2'), body))).toBe('201');
    const read = await client.get<Versioned>(`${pathOf('Turned')}/a`);
    expect(read.object.spec).toEqual({ a: 'one', list: ['1'] });
    const applied = await call(server, 'PATCH', `${pathOf('Turned')}/a?fieldManager=f`, {
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: object('Turned', 'a', { spec: { a: 'y' } }),
    });
    expect([applied.status, applied.json?.message]).toEqual([500, '.spec.a: field not declared in schema']);
  });

  test('deprecated versions cause a warning with the replacement', async () => {
    const warning = async (version: string) =>
      (await call(server, 'GET', pathOf('Plain', version))).headers['warning'];
    expect(await warning('v1')).toBeUndefined();
    expect(await warning('v1beta1')).toEqual([
      `299 - "${GROUP}/v1beta1 Plain is deprecated; use ${GROUP}/v2 Plain"`,
    ]);
    expect(await warning('v1alpha1')).toEqual(['299 - "too old"']);
    const part = await call(server, 'GET', `${pathOf('Plain', 'v1alpha1')}/x/scale`);
    expect([part.status, part.headers['warning']]).toEqual([404, ['299 - "too old"']]);
    const made = await call(server, 'POST', `${pathOf('Plain', 'v1alpha1')}/x`, { body: {} });
    expect([made.status, made.headers['warning']]).toEqual([405, ['299 - "too old"']]);
  });
});

describe('a definition that changes', () => {
  test('objects follow the new schema when read, and are rewritten when updated', async () => {
    await define(
      definitionManifest('Moving', [
        { schema: schemaOf({ type: 'object', properties: { a: string, b: string } }) },
        { schema: schemaOf({ type: 'object', properties: { a: string, c: string } }) },
      ]),
    );
    const path = `${pathOf('Moving')}/x`;
    await client.create(pathOf('Moving'), object('Moving', 'x', { spec: { a: '1', b: '2' } }));
    await redefine(`movings.${GROUP}`, ({ spec }) => {
      spec.versions[0]!.schema = schemaOf({
        type: 'object',
        properties: { a: string, c: { ...string, default: 'c' } },
      });
    });
    const before = await client.get<Versioned>(path);
    expect(before.object.spec).toEqual({ a: '1', c: 'c' });
    const listed = await client.get<{ items: Versioned[] }>(pathOf('Moving'));
    expect(listed.object.items[0]!.spec).toEqual({ a: '1', c: 'c' });

    await redefine(`movings.${GROUP}`, ({ spec }) => {
      for (const version of spec.versions) version.storage = version.name === 'v2';
    });
    const touched = await client.update<Versioned>(path, (await client.get(path)).object);
    expect(touched.object.metadata.resourceVersion).not.toBe(before.object.metadata.resourceVersion);
    const again = await client.update<Versioned>(path, touched.object);
    expect(again.object.metadata.resourceVersion).toBe(touched.object.metadata.resourceVersion);
    const { object: definition } = await client.get<{ status: { storedVersions: string[] } }>(
      `${DEFINITIONS}/movings.${GROUP}`,
    );
    expect(definition.status.storedVersions).toEqual(['v1', 'v2']);
  });

  test('ends its watches, which would deliver objects of the old schema', async () => {
    await define(
      definitionManifest('Watched', [{ schema: schemaOf({ type: 'object', properties: { a: string } }) }]),
    );
    const path = pathOf('Watched');
    await client.create(path, object('Watched', 'x', { spec: { a: '1' } }));
    const watch = async function* (): AsyncGenerator<string> {
      const { body } = await send(server, 'GET', `${path}?watch=true`);
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        for (const line of Buffer.from(chunk).toString().trim().split('\n')) {
          const event = JSON.parse(line) as { type: string; object: Versioned };
          yield `${event.type} ${JSON.stringify(event.object.spec)}`;
        }
      }
    };
    const first = watch();
    expect((await first.next()).value).toBe('ADDED {"a":"1"}');
    await redefine(`watcheds.${GROUP}`, ({ spec }) => {
      spec.versions[0]!.schema = schemaOf({ type: 'object', properties: { a: string, b: string } });
    });
    expect(await first.next()).toEqual({ done: true, value: undefined });

    const second = watch();
    expect((await second.next()).value).toBe('ADDED {"a":"1"}');
    await client.patch(`${path}/x`, { spec: { b: '2' } });
    await client.delete(`${DEFINITIONS}/watcheds.${GROUP}`);
    const rest: string[] = [];
    for await (const event of second) rest.push(event);
    expect(rest).toEqual(['MODIFIED {"a":"1","b":"2"}', 'DELETED {"a":"1","b":"2"}']);
  });

  test('existing errors are accepted with a warning', async () => {
    await define(
      definitionManifest('Lenient', [
        { schema: schemaOf({ type: 'object', properties: { a: string, b: string } }) },
      ]),
    );
    const path = `${pathOf('Lenient')}/x`;
    await client.create(pathOf('Lenient'), object('Lenient', 'x', { spec: { a: 'bad', b: '1' } }));
    await redefine(`lenients.${GROUP}`, ({ spec }) => {
      spec.versions[0]!.schema = schemaOf({
        type: 'object',
        properties: {
          a: { ...string, maxLength: 2, 'x-kubernetes-validations': [{ rule: "self != 'bad'" }] },
          b: string,
        },
      });
    });
    const kept = await client.patch<Versioned>(path, { spec: { b: '2' } });
    expect(refusalOf(kept)).toBe('200');
    expect(kept.headers['warning']).toEqual([
      `299 - "spec.a: Invalid value: \\"bad\\": failed rule: self != 'bad'"`,
    ]);
    expect(refusalOf(await client.patch(path, { spec: { a: 'worse' } }))).toBe(
      `422 Invalid: Lenient.${GROUP} "x" is invalid: [spec.a: Too long: may not be more than 2 bytes, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]`,
    );
  });
});

describe('a webhook', () => {
  interface Conversion {
    readonly desiredAPIVersion: string;
    readonly objects: readonly Versioned[];
  }

  /** v1 has `size`, v2 `width`. */
  const convert = ({ desiredAPIVersion, objects }: Conversion) =>
    objects.map(({ spec, ...rest }) => {
      const { size, width, ...others } = spec;
      const value = size ?? width;
      const renamed = desiredAPIVersion.endsWith('/v2') ? { width: value } : { size: value };
      return { ...rest, apiVersion: desiredAPIVersion, spec: { ...others, ...renamed } };
    });
  const succeed = (convertedObjects: readonly object[]) => ({
    result: { status: 'Success' },
    convertedObjects,
  });
  const behave = () => webhook.behave(({ request }) => succeed(convert(request as unknown as Conversion)));
  const number = { type: 'integer' };

  beforeAll(async () => {
    behave();
    await define(
      definitionManifest(
        'Remote',
        [
          {
            schema: schemaOf({ type: 'object', properties: { size: number } }),
            selectableFields: [{ jsonPath: '.spec.size' }],
          },
          {
            schema: schemaOf({ type: 'object', properties: { width: number } }),
            selectableFields: [{ jsonPath: '.spec.width' }],
          },
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
      ),
    );
    for (const [name, size] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      const answer = await client.create(pathOf('Remote'), object('Remote', name, { spec: { size } }));
      expect(refusalOf(answer)).toBe('201');
    }
  });

  test('is called once for a whole list, and not again while nothing changes', async () => {
    const before = webhook.calls.length;
    const all = `/apis/${GROUP}/v2/remotes`;
    const list = await client.get<{ items: Versioned[] }>(all);
    expect(list.object.items.map(({ apiVersion, spec }) => [apiVersion, spec])).toEqual([
      [`${GROUP}/v2`, { width: 1 }],
      [`${GROUP}/v2`, { width: 2 }],
      [`${GROUP}/v2`, { width: 3 }],
    ]);
    await client.get(`${pathOf('Remote', 'v2')}/a`);
    await client.get(all);
    expect(webhook.calls.length - before).toBe(1);
    expect(webhook.calls.at(-1)).toMatchObject({
      path: '/convert?timeout=30s',
      review: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        request: { desiredAPIVersion: `${GROUP}/v2`, objects: [{ kind: 'Remote' }, {}, {}] },
      },
    });
  });

  test('objects stored in the requested version need no webhook', async () => {
    const before = webhook.calls.length;
    await client.get(pathOf('Remote'));
    expect(webhook.calls.length).toBe(before);
  });

  test('writes convert to the storage version and back', async () => {
    const created = await client.create<Versioned>(
      pathOf('Remote', 'v2'),
      object('Remote', 'd', { spec: { width: 4 } }, 'v2'),
    );
    expect(created.object).toMatchObject({ apiVersion: `${GROUP}/v2`, spec: { width: 4 } });
    expect((await client.get<Versioned>(`${pathOf('Remote')}/d`)).object.spec).toEqual({ size: 4 });
    const patched = await client.patch<Versioned>(`${pathOf('Remote', 'v2')}/d`, { spec: { width: 5 } });
    expect(patched.object.spec).toEqual({ width: 5 });
    expect((await client.get<Versioned>(`${pathOf('Remote')}/d`)).object.spec).toEqual({ size: 5 });
    expect(refusalOf(await client.delete(`${pathOf('Remote', 'v2')}/d`))).toBe('200');
  });

  test('selectors apply to converted objects', async () => {
    const list = await client.get<{ items: Versioned[] }>(
      `${pathOf('Remote', 'v2')}?fieldSelector=spec.width=2`,
    );
    expect(list.object.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
    const abort = new AbortController();
    const { resourceVersion } = (await client.get<Versioned>(pathOf('Remote'))).object.metadata;
    const answer = await send(
      server,
      'GET',
      `${pathOf('Remote', 'v2')}?watch=true&fieldSelector=spec.width=9&resourceVersion=${resourceVersion}`,
      { signal: abort.signal },
    );
    const path = `${pathOf('Remote')}/a`;
    for (const size of [8, 9, 1]) await client.patch(path, { spec: { size } });
    const types: string[] = [];
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      for (const line of Buffer.from(chunk).toString().trim().split('\n')) {
        types.push((JSON.parse(line) as { type: string }).type);
      }
      if (types.length >= 3) break;
    }
    abort.abort();
    expect(types).toEqual(['DELETED', 'ADDED', 'DELETED']);
  });

  const subject = `conversion webhook for ${GROUP}/v1, Kind=Remote`;

  test.each<[string, (request: Conversion) => object, string]>([
    [
      'is denied',
      () => ({ result: { status: 'Failure', message: 'not today' } }),
      `${subject} failed: not today`,
    ],
    ['returns too few objects', () => succeed([]), `${subject} returned 0 objects, expected 1`],
    [
      'returns another version',
      ({ objects }) => succeed(objects),
      `${subject} returned invalid object at index 0: invalid groupVersion (expected ${GROUP}/v2, received ${GROUP}/v1)`,
    ],
    [
      "changes an object's name",
      (request) =>
        succeed(convert(request).map((one) => ({ ...one, metadata: { ...one.metadata, name: 'z' } }))),
      `${subject} returned invalid object: must have the same name: e != z`,
    ],
    [
      'sets an invalid label',
      (request) =>
        succeed(
          convert(request).map((one) => ({ ...one, metadata: { ...one.metadata, labels: { a: '-' } } })),
        ),
      `${subject} returned invalid metadata: metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ])('that %s fails the request', async (_, respond, message) => {
    await client.create(pathOf('Remote'), object('Remote', 'e', { spec: { size: 7 } }));
    webhook.behave(({ request }) => respond(request as unknown as Conversion) as Record<string, unknown>);
    const read = await client.get(`${pathOf('Remote', 'v2')}/e`);
    behave();
    await client.delete(`${pathOf('Remote')}/e`);
    expect(refusalOf(read)).toBe(`500 undefined: ${message}`);
  });

  test('may set labels, and no other metadata', async () => {
    await client.create(pathOf('Remote'), object('Remote', 'f', { spec: { size: 7 } }));
    webhook.behave(({ request }) =>
      succeed(
        convert(request as unknown as Conversion).map((one) => ({
          ...one,
          metadata: { ...one.metadata, labels: { a: 'b' }, finalizers: ['a.b/c'] },
        })),
      ),
    );
    const read = await client.get<Versioned>(`${pathOf('Remote', 'v2')}/f`);
    behave();
    expect(read.object.metadata).toMatchObject({ name: 'f', labels: { a: 'b' } });
    expect(read.object.metadata).not.toHaveProperty('finalizers');
  });
});

/** The same objects in every encoding of the server. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';
import { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import type { MediaType, SerializerInfo } from '../../../shared/runtime/serializer/serializer.ts';
import { send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { kindSchemas } from '../../fixtures/kind-schemas.ts';

const MEDIA_TYPES: readonly MediaType[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
];
const codecs = new CodecFactory(kindSchemas, MEDIA_TYPES);
const BASE = '/api/v1/namespaces/default/configmaps';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ featureGates: new Map([['CBORServingAndStorage', 'true']]) });
});
afterAll(() => server.close());

async function call(method: string, url: string, accept: string, body?: Uint8Array, contentType = accept) {
  const response = await send(server, method, url, {
    headers: { accept, ...(body && { 'content-type': contentType }) },
    ...(body && { body }),
  });
  const chunks: Uint8Array[] = [];
  if (response.body instanceof Uint8Array) chunks.push(response.body);
  else for await (const chunk of response.body) chunks.push(chunk);
  return { status: response.status, type: response.headers['content-type'], bytes: Buffer.concat(chunks) };
}

test('human-readable lists are equal, indented or as YAML, empty or not', async () => {
  const body = (n: number) =>
    Buffer.from(JSON.stringify({ metadata: { name: `pretty-${n}` }, data: { lines: 'a\n"b"', n: `${n}` } }));
  for (let n = 0; n < 20; n++) await call('POST', BASE, 'application/json', body(n));
  const asked = async (query: string, accept = 'application/json') => {
    const { bytes } = await call('GET', `${BASE}?${query}`, accept);
    return bytes.toString();
  };
  const yaml = (await codecs.serializerInfo('application/yaml'))!.serializer;
  for (const query of ['limit=100', 'resourceVersion=0', 'labelSelector=none']) {
    const plain = JSON.parse(await asked(query));
    expect(await asked(`${query}&pretty=true`)).toBe(JSON.stringify(plain, null, 2));
    expect(await asked(query, 'application/yaml')).toBe(Buffer.from(yaml.encode(plain)).toString());
  }
});

const FORMS: readonly string[] = [
  ...MEDIA_TYPES,
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
];

test.each(FORMS)('a list in %s that is requested again has all changes', async (accept) => {
  const own = `form-${FORMS.indexOf(accept)}`;
  const url = (name: string) => `${BASE}/${name}-${own}`;
  const body = (name: string, value: string) =>
    Buffer.from(
      JSON.stringify({ metadata: { name: `${name}-${own}`, labels: { own, value: `${value}-${own}` } } }),
    );
  const names = Array.from({ length: 12 }, (_, n) => `again-${n}`);
  for (const name of names) await call('POST', BASE, 'application/json', body(name, 'first'));
  const list = async (query = '') =>
    (await call('GET', `${BASE}?labelSelector=own%3D${own}${query}`, accept)).bytes;
  const shows = (text: string, bytes: Buffer) => bytes.includes(`${text}-${own}`);
  await list();
  const before = await list();
  await call('PUT', url('again-3'), 'application/json', body('again-3', 'second'));
  await call('DELETE', url('again-7'), 'application/json');
  const after = await list();
  expect([shows('second', before), shows('second', after)]).toEqual([false, true]);
  expect([shows('again-7', before), shows('again-7', after)]).toEqual([true, false]);
  // Other metadata, and another selection of as many items.
  const page = await list('&limit=10');
  expect(page.equals(await list('&limit=9'))).toBe(false);
  const without = (name: string) => list(`&fieldSelector=metadata.name!%3D${name}-${own}`);
  const [other, others] = [await without('again-0'), await without('again-1')];
  expect([shows('again-0', other), shows('again-0', others)]).toEqual([false, true]);
});

describe.each(MEDIA_TYPES)('%s', (mediaType) => {
  let info: SerializerInfo;
  const name = mediaType.replace(/\W/g, '-');
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { on: 'yes' } };
  const decode = (bytes: Uint8Array) =>
    info.serializer.decode(bytes).object as RuntimeObject & typeof configMap;

  beforeAll(async () => {
    info = (await codecs.serializerInfo(mediaType))!;
  });

  test('is created, read, replaced, listed', async () => {
    const created = await call('POST', BASE, mediaType, info.serializer.encode(configMap));
    expect(created).toMatchObject({ status: 201, type: mediaType });
    expect(decode(created.bytes)).toMatchObject(configMap);

    const read = await call('GET', `${BASE}/${name}`, mediaType);
    expect(read).toMatchObject({ status: 200, type: mediaType });
    expect(decode(read.bytes)).toEqual(decode(created.bytes));

    const changed = { ...decode(read.bytes), data: { on: 'no' } };
    const replaced = await call('PUT', `${BASE}/${name}`, mediaType, info.serializer.encode(changed));
    expect(decode(replaced.bytes)).toMatchObject({ data: { on: 'no' } });

    const list = await call('GET', `${BASE}?fieldSelector=metadata.name%3D${name}`, mediaType);
    expect(info.serializer.decode(list.bytes).object).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      items: [{ metadata: { name }, data: { on: 'no' } }],
    });
  });

  test('a Status', async () => {
    const missing = await call('GET', `${BASE}/missing`, mediaType);
    expect(missing).toMatchObject({ status: 404, type: mediaType });
    expect(info.serializer.decode(missing.bytes).object).toMatchObject({
      apiVersion: 'v1',
      kind: 'Status',
      reason: 'NotFound',
      code: 404,
    });
  });

  test('metadata alone', async () => {
    const accept = `${mediaType};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
    const partial = await call('GET', '/api/v1/namespaces/default', accept);
    expect(info.serializer.decode(partial.bytes).object).toMatchObject({
      apiVersion: 'meta.k8s.io/v1',
      kind: 'PartialObjectMetadata',
      metadata: { name: 'default' },
    });
  });

  test('bytes that are not an object', async () => {
    const bad = await call('POST', BASE, 'application/json', Buffer.from('a: : b'), mediaType);
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.bytes.toString())).toMatchObject({
      reason: 'BadRequest',
      message: expect.stringMatching(/^the object provided is unrecognized \(must be of type ConfigMap\): /),
    });
  });
});

test('a watch in protobuf is a sequence of frames with length and event', async () => {
  const mediaType = 'application/vnd.kubernetes.protobuf';
  const { serializer } = (await codecs.serializerInfo(mediaType))!;
  const watch = await call('GET', '/api/v1/namespaces?watch=1&timeoutSeconds=1', `${mediaType};stream=watch`);
  expect(watch).toMatchObject({ status: 200, type: `${mediaType};stream=watch` });
  const names: string[] = [];
  for (let at = 0; at < watch.bytes.length; ) {
    const length = watch.bytes.readUInt32BE(at);
    const frame = watch.bytes.subarray(at + 4, at + 4 + length);
    expect(frame.subarray(0, 7).toString('latin1')).toBe('\n\x05ADDED');
    const object = serializer.decode(frame.subarray(frame.indexOf('k8s\0'))).object;
    names.push((object as unknown as { metadata: { name: string } }).metadata.name);
    at += 4 + length;
  }
  expect(names.sort()).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
});

test('a watch in CBOR is a sequence of items', async () => {
  const watch = await call('GET', '/api/v1/namespaces?watch=1&timeoutSeconds=1', 'application/cbor');
  expect(watch).toMatchObject({ status: 200, type: 'application/cbor-seq' });
  const { serializer } = (await codecs.serializerInfo('application/cbor'))!;
  const selfDescribed = Buffer.from('d9d9f7a2', 'hex');
  const names: string[] = [];
  for (let at = watch.bytes.indexOf(selfDescribed); at >= 0; ) {
    const next = watch.bytes.indexOf(selfDescribed, at + 1);
    const item = watch.bytes.subarray(at, next < 0 ? undefined : next);
    const object = serializer.decode(item.subarray(item.indexOf('d9d9f7', 4, 'hex'))).object;
    names.push((object as unknown as { metadata: { name: string } }).metadata.name);
    at = next;
  }
  expect(names.sort()).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
});

test('Tables are not available in protobuf', async () => {
  const accept = 'application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1';
  const refused = await call('GET', '/api/v1/namespaces', accept);
  expect(refused.status).toBe(406);
});

describe('a Table', () => {
  const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const review = (accept: string) =>
    call(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      accept,
      Buffer.from(
        JSON.stringify({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { nonResourceAttributes: { path: '/', verb: 'get' } },
        }),
      ),
      'application/json',
    );

  test.each(['/api/v1/namespaces', '/api/v1/namespaces/default', '/api/v1/namespaces/default/status'])(
    '%s has one',
    async (path) => {
      const { status, bytes } = await call('GET', path, TABLE);
      expect([status, JSON.parse(bytes.toString()).kind]).toEqual([200, 'Table']);
    },
  );

  test('kinds that are never listed have no Table', async () => {
    const refused = await review(TABLE);
    expect(refused.status).toBe(406);
    expect(JSON.parse(refused.bytes.toString())).toMatchObject({ kind: 'Status', reason: 'NotAcceptable' });
    const fallback = await review(`${TABLE},application/json`);
    expect(JSON.parse(fallback.bytes.toString())).toMatchObject({
      kind: 'SelfSubjectAccessReview',
      status: { allowed: true },
    });
  });
});

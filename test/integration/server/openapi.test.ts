/** The OpenAPI documents that clients read. */

import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const V2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const V3 = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Root {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}
interface OpenAPI {
  readonly openapi?: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  readonly definitions: Readonly<Record<string, unknown>>;
}

const root = async () => (await call(server, 'GET', '/openapi/v3')).json as unknown as Root;
const urlOf = async (path: string) => (await root()).paths[path]!.serverRelativeURL;
const read = async (url: string) => (await call(server, 'GET', url)).json as unknown as OpenAPI;

/** All references in a document. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member] : references(member),
  );
}

const operationIds = ({ paths }: OpenAPI): string[] =>
  Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ operationId }) => operationId ?? []));

describe('/openapi/v3', () => {
  test('has a document for every group version in discovery', async () => {
    const { paths } = await root();
    const groups = await server.discovery.groups();
    const expected = groups.flatMap(({ name, versions }) => [
      name === '' ? 'api' : `apis/${name}`,
      ...versions.map(({ version }) => (name === '' ? `api/${version}` : `apis/${name}/${version}`)),
    ]);
    expect(Object.keys(paths)).toEqual([...expected, 'apis', 'version'].sort());
  });

  test('all references resolve, and operations have unique names', async () => {
    for (const { serverRelativeURL } of Object.values((await root()).paths)) {
      const document = await read(serverRelativeURL);
      expect(document.openapi).toBe('3.0.0');
      const { schemas } = document.components;
      const missing = references(document).filter(
        (ref) => !Object.hasOwn(schemas, ref.slice('#/components/schemas/'.length)),
      );
      expect(missing).toEqual([]);
      const ids = operationIds(document);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test("a document's URL is permanent", async () => {
    const url = await urlOf('apis/apps/v1');
    const { status, headers } = await call(server, 'GET', url);
    expect({ status, type: headers['content-type'], cached: headers['cache-control'] }).toEqual({
      status: 200,
      type: 'application/json',
      cached: 'public, immutable',
    });
    expect(new Date(String(headers['expires'])).getTime()).toBeGreaterThan(Date.now() + 360 * 24 * 3600_000);
    expect(headers['etag']).toBe(`"${url.split('hash=')[1]}"`);
  });

  test('an outdated URL redirects to the current one', async () => {
    const url = await urlOf('apis/apps/v1');
    const { status, headers } = await call(server, 'GET', '/openapi/v3/apis/apps/v1?hash=OLD');
    expect({ status, location: headers['location'] }).toEqual({ status: 301, location: url });
    const plain = await call(server, 'GET', '/openapi/v3/apis/apps/v1');
    expect(plain.status).toBe(200);
    expect(plain.headers['cache-control']).not.toContain('immutable');
  });

  test.each(['/openapi/v2', '/openapi/v3', '/openapi/v3/apis/apps/v1'])(
    '%s: a known document is not sent again',
    async (url) => {
      const { headers } = await call(server, 'GET', url);
      const again = await call(server, 'GET', url, { headers: { 'if-none-match': String(headers['etag']) } });
      expect(again).toMatchObject({ status: 304, text: '' });
      expect(again.headers['etag']).toBe(headers['etag']);
      const other = await call(server, 'GET', url, { headers: { 'if-none-match': '"other"' } });
      expect(other.status).toBe(200);
    },
  );

  test('protobuf on request', async () => {
    const { status, headers } = await call(server, 'GET', '/openapi/v3/apis/apps/v1', {
      headers: { accept: V3 },
    });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: V3.replace('@', '.') });
  });

  test.each([
    ['/openapi/v3/apis/missing/v1', {}, 404],
    ['/openapi/v3/apis/apps/v1', { accept: 'text/html' }, 406],
    ['/openapi/v2', { accept: 'application/xml' }, 406],
  ])('%s with %j: %i', async (url, headers, status) => {
    expect((await call(server, 'GET', url, { headers })).status).toBe(status);
  });
});

describe('/openapi/v2', () => {
  test('one document for everything', async () => {
    const document = await read('/openapi/v2');
    expect(document).toMatchObject({ swagger: '2.0', info: { title: 'Kubernetes' } });
    const missing = references(document).filter((ref) => {
      const [, kind, name] = ref.split('/') as [string, 'definitions', string];
      return !Object.hasOwn(document[kind], name);
    });
    expect(missing).toEqual([]);
    const ids = operationIds(document);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(500);
  });

  test('lists media types of patches without references, for old clients', async () => {
    const { paths } = (await call(server, 'GET', '/openapi/v2')).json as unknown as {
      paths: Record<string, { patch?: { 'x-kubernetes-action': string; parameters: { name?: string }[] } }>;
    };
    const patches = Object.values(paths)
      .flatMap(({ patch }) => patch ?? [])
      .filter((operation) => operation['x-kubernetes-action'] === 'patch');
    expect(patches.length).toBeGreaterThan(50);
    for (const { parameters } of patches) {
      const names = parameters.flatMap(({ name }) => name ?? []);
      expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldValidation']));
    }
  });

  test('protobuf, compressed, as requested by kubectl', async () => {
    const { status, headers, body } = await send(server, 'GET', '/openapi/v2', {
      headers: { accept: V2, 'accept-encoding': 'gzip' },
    });
    expect({ status, type: headers['content-type'], encoding: headers['content-encoding'] }).toEqual({
      status: 200,
      type: V2.replace('@', '.'),
      encoding: 'gzip',
    });
    const swagger = Buffer.from('\n\x032.0');
    expect(gunzipSync(body as Uint8Array).includes(swagger)).toBe(true);
  });
});

test.each([
  ['/openapi/v2', {}, 200, 'Accept-Encoding, Accept'],
  ['/openapi/v2', { 'if-none-match': '*' }, 304, 'Accept-Encoding, Accept'],
  ['/openapi/v2', { 'accept-encoding': 'gzip' }, 200, 'Accept-Encoding, Accept'],
  ['/openapi/v2', { accept: 'text/html' }, 406, 'Accept-Encoding, Accept'],
  ['/openapi/v3/apis/apps/v1', {}, 200, 'Accept'],
  ['/openapi/v3/apis/apps/v1', { 'if-none-match': '*' }, 304, 'Accept'],
  ['/openapi/v3/apis/apps/v1', { 'accept-encoding': 'gzip' }, 200, 'Accept-Encoding, Accept'],
  ['/openapi/v3/apis/apps/v1', { accept: 'text/html' }, 406, 'Accept'],
])('%s varies, asked with %o', async (path, headers, status, vary) => {
  const answer = await call(server, 'GET', path, { headers });
  expect({ status: answer.status, vary: answer.headers['vary'] }).toEqual({ status, vary });
});

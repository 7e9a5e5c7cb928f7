/** Every resource of every version, served by default or not: lists, watches, tables, metadata, discovery. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyVersion } from '../../../shared/apis/resource-config.ts';
import { builtinResources } from '../../../shared/apis/resource-table.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ runtimeConfig: everyVersion() });
});
afterAll(() => server.close());

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly namespaced: boolean;
}

async function resourcesOf(path: string): Promise<Resource[]> {
  const { json } = await call(server, 'GET', path);
  return (json?.['resources'] as Resource[] | undefined) ?? [];
}

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const PARTIAL = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' };

const AT_A_REVISION = { resourceVersion: expect.any(String) };
/** Resources computed on request have no revision. */
const UNSTORED: ReadonlySet<string> = new Set(['componentstatuses']);

const versions = [...builtinResources().keys()].map(
  (gv) => [gv, gv.includes('/') ? `/apis/${gv}` : `/api/${gv}`] as const,
);

describe.concurrent.each(versions)('%s', (gv, path) => {
  test('lists every listable resource, in every format', async () => {
    for (const { name, kind, verbs } of await resourcesOf(path)) {
      if (!verbs.includes('list')) continue;
      const list = await call(server, 'GET', `${path}/${name}`);
      expect(list, name).toMatchObject({
        status: 200,
        json: { kind: `${kind}List`, apiVersion: gv, metadata: UNSTORED.has(name) ? {} : AT_A_REVISION },
      });
      const table = await call(server, 'GET', `${path}/${name}`, { headers: TABLE });
      expect(table, name).toMatchObject({
        status: 200,
        json: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' },
      });
      const partial = await call(server, 'GET', `${path}/${name}`, { headers: PARTIAL });
      expect(partial, name).toMatchObject({ status: 200, json: { kind: 'PartialObjectMetadataList' } });
    }
  });

  test('watches every watchable resource', async () => {
    const resources = (await resourcesOf(path)).filter(({ verbs }) => verbs.includes('watch'));
    await Promise.all(
      resources.map(async ({ name }) => {
        const query =
          'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1';
        const { status, text } = await call(server, 'GET', `${path}/${name}?${query}`);
        expect(status, name).toBe(200);
        const events = text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(events.at(-1), name).toMatchObject({
          type: 'BOOKMARK',
          object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
        });
      }),
    );
  });

  test('rejects missing resources', async () => {
    for (const { name, verbs, namespaced } of await resourcesOf(path)) {
      if (name.includes('/') || !verbs.includes('get')) continue;
      const url = namespaced ? `${path}/namespaces/default/${name}/none` : `${path}/${name}/none`;
      for (const method of ['GET', 'DELETE']) {
        if (method === 'DELETE' && !verbs.includes('delete')) continue;
        const { status, json } = await call(server, method, url);
        expect({ status, reason: json?.['reason'] }, `${method} ${url}`).toEqual({
          status: 404,
          reason: 'NotFound',
        });
      }
    }
  });
});

test('legacy and aggregated discovery have the same resources', async () => {
  const { json } = await call(server, 'GET', '/apis');
  const groups = json!['groups'] as { name: string; versions: { groupVersion: string }[] }[];
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = await call(server, 'GET', '/apis', { headers: { accept } });
  expect(aggregated.headers['content-type']).toBe(
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  );
  interface Item {
    metadata: { name: string };
    versions: {
      version: string;
      resources: { resource: string; subresources?: { subresource: string }[] }[];
    }[];
  }
  const items = aggregated.json!['items'] as Item[];
  expect(items.map(({ metadata }) => metadata.name)).toEqual(groups.map(({ name }) => name));
  for (const { metadata, versions: itemVersions } of items) {
    for (const { version, resources } of itemVersions) {
      const names = resources.flatMap(({ resource, subresources = [] }) => [
        resource,
        ...subresources.map(({ subresource }) => `${resource}/${subresource}`),
      ]);
      const legacy = await resourcesOf(`/apis/${metadata.name}/${version}`);
      expect(names.sort()).toEqual(legacy.map(({ name }) => name).sort());
    }
  }
  const again = await call(server, 'GET', '/apis', {
    headers: { accept, 'if-none-match': aggregated.headers['etag'] as string },
  });
  expect(again).toMatchObject({ status: 304, text: '' });
});

test('nothing was logged', () => {
  expect(server.errors).toEqual([]);
});

/** Every verb on every built-in resource in every version, with a valid object. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type BuiltinResource, builtinResources } from '../../../shared/apis/resource-table.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { call, send, startTestServer, type TestAnswer, type TestServer } from '../../fixtures/api-server.ts';
import { EVERY_RESOURCE } from '../../fixtures/every-resource.ts';
import { sampleOf } from '../../fixtures/samples.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    ...EVERY_RESOURCE,
    featureGates: new Map([...EVERY_RESOURCE.featureGates, ['CBORServingAndStorage', 'true']]),
  });
  await call(server, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
});
afterAll(() => server.close());

interface Served {
  readonly apiVersion: string;
  readonly resource: string;
  readonly facts: BuiltinResource;
  /** URL of the collection in namespace default. */
  readonly url: string;
}

const served: Served[] = [...builtinResources()].flatMap(([apiVersion, { resources }]) =>
  Object.entries(resources)
    .filter(([, { verbs }]) => verbs.includes('create') && verbs.includes('list'))
    .map(([resource, facts]) => {
      const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      return {
        apiVersion,
        resource,
        facts,
        url: `${base}${facts.namespaced ? '/namespaces/default' : ''}/${resource}`,
      };
    }),
);

const read = ({ json, text }: TestAnswer): KubeObject => {
  if (json === undefined) throw new Error(text);
  return json as unknown as KubeObject;
};

async function expectStatus(status: number, method: string, url: string, request: object = {}) {
  const answer = await call(server, method, url, request);
  expect(answer.status, `${method} ${url}: ${answer.text}`).toBe(status);
  return answer;
}

/** The object without server-set fields, as a client would create it. */
function unborn({ metadata, status: _status, ...rest }: KubeObject & { status?: unknown }): KubeObject {
  const { uid, resourceVersion, creationTimestamp, generation, managedFields, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** By path of the collection. */
const samples = new Map<string, KubeObject>();

/** The sample in this version. */
async function sampleIn({ apiVersion, facts, url }: Served): Promise<KubeObject> {
  const sample = samples.get(url) ?? sampleOf(apiVersion, facts.kind);
  if (sample.apiVersion === apiVersion) return sample;
  const other = served.find(
    (each) => each.apiVersion === sample.apiVersion && each.facts.kind === facts.kind,
  )!;
  await expectStatus(201, 'POST', other.url, { body: sample });
  const { metadata } = sample;
  const converted = read(await expectStatus(200, 'GET', `${url}/${metadata.name}`));
  await remove(url, metadata.name!);
  samples.set(url, unborn(converted));
  return samples.get(url)!;
}

/** Deletes the object including any finalizers. */
async function remove(url: string, name: string): Promise<void> {
  await expectStatus(200, 'DELETE', `${url}/${name}?propagationPolicy=Background`);
  const left = await call(server, 'GET', `${url}/${name}`);
  if (left.status === 404) return;
  if (url.endsWith('/namespaces')) {
    await expectStatus(200, 'PUT', `${url}/${name}/finalize`, { body: { ...left.json, spec: {} } });
    return;
  }
  await expectStatus(200, 'PATCH', `${url}/${name}`, {
    body: { metadata: { finalizers: null } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await expectStatus(404, 'GET', `${url}/${name}`);
}

/** All events after `resourceVersion` up to the time of the call. */
async function eventsSince(url: string, name: string, resourceVersion: string): Promise<string[]> {
  const stop = new AbortController();
  const query = `watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
  const { body } = await send(server, 'GET', `${url}?${query}`, { signal: stop.signal });
  const types: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    for (const line of decoder.decode(chunk).trim().split('\n')) {
      types.push((JSON.parse(line) as { type: string }).type);
    }
    if (types.at(-1) === 'DELETED') break;
  }
  stop.abort();
  return types;
}

const PATCHES = {
  'application/merge-patch+json': { metadata: { labels: { patch: 'merge' } } },
  'application/strategic-merge-patch+json': { metadata: { labels: { patch: 'strategic' } } },
  'application/json-patch+json': [{ op: 'replace', path: '/metadata/labels/patch', value: 'json' }],
};

describe.each(served)('$apiVersion $resource', (each) => {
  const { apiVersion, facts, url } = each;
  // Clean up after a failed test.
  afterEach(async () => {
    const { name } = sampleOf(apiVersion, facts.kind).metadata;
    if ((await call(server, 'GET', `${url}/${name}`)).status === 200) await remove(url, name!);
  });

  test('create, get, list, update, patch, watch, delete', async () => {
    const sample = await sampleIn(each);
    const name = sample.metadata.name!;
    const one = `${url}/${name}`;
    const { resourceVersion } = read(await expectStatus(200, 'GET', url)).metadata;

    await expectStatus(201, 'POST', `${url}?dryRun=All`, { body: sample });
    await expectStatus(404, 'GET', one);
    const created = await expectStatus(201, 'POST', `${url}?fieldValidation=Strict`, { body: sample });
    expect(read(created)).toMatchObject({ apiVersion, kind: facts.kind, metadata: { name } });
    await expectStatus(409, 'POST', url, { body: sample });
    expect((await expectStatus(200, 'GET', one)).text).toBe(created.text);

    const selected = await expectStatus(200, 'GET', `${url}?fieldSelector=metadata.name%3D${name}`);
    const { apiVersion: _v, kind: _k, ...item } = created.json!;
    expect(selected.json!['items']).toEqual([item]);
    const table = await expectStatus(200, 'GET', one, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(table.json).toMatchObject({ kind: 'Table', rows: [{ object: { metadata: { name } } }] });

    const old = read(created);
    const own = old.metadata.labels;
    const labelled = { ...old, metadata: { ...old.metadata, labels: { ...own, patch: 'none' } } };
    const updated = read(await expectStatus(200, 'PUT', one, { body: labelled }));
    expect(updated.metadata.labels).toEqual({ ...own, patch: 'none' });
    await expectStatus(409, 'PUT', one, { body: labelled });
    for (const [type, body] of Object.entries(PATCHES)) {
      const patched = await expectStatus(200, 'PATCH', one, { body, headers: { 'content-type': type } });
      expect(read(patched).metadata.labels, type).toEqual({ ...own, patch: /(\w+)-/.exec(type)![1] });
    }
    const applied = await expectStatus(200, 'PATCH', `${one}?fieldManager=applier&force=true`, {
      body: { ...sample, metadata: { ...sample.metadata, labels: { patch: 'apply' } } },
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    expect(read(applied).metadata.labels).toEqual({ ...own, patch: 'apply' });
    expect(await expectStatus(200, 'GET', `${url}?labelSelector=patch%3Dapply`)).toMatchObject({
      json: { items: [{ metadata: { name } }] },
    });

    await expectStatus(409, 'DELETE', one, { body: { preconditions: { uid: 'other' } } });
    await expectStatus(200, 'DELETE', `${one}?dryRun=All`);
    await expectStatus(200, 'GET', one);
    await remove(url, name);
    const events = await eventsSince(url, name, resourceVersion!);
    expect([events[0], ...new Set(events.slice(1, -1)), events.at(-1)]).toEqual([
      'ADDED',
      'MODIFIED',
      'DELETED',
    ]);
  });

  test('an unchanged object is not written, in any encoding', async () => {
    const sample = await sampleIn(each);
    const one = `${url}/${sample.metadata.name}`;
    const created = await expectStatus(201, 'POST', url, { body: sample });
    for (const type of ['application/json', 'application/vnd.kubernetes.protobuf', 'application/cbor']) {
      const { body, headers } = await send(server, 'GET', one, { headers: { accept: type } });
      expect(headers['content-type'], type).toBe(type);
      const back = await expectStatus(200, 'PUT', `${one}?fieldManager=unknown`, {
        body,
        headers: { 'content-type': type, accept: 'application/json' },
      });
      expect(back.text, type).toBe(created.text);
      for (const part of ['status', 'scale'].filter((sub) => facts.subresources?.[sub])) {
        const { body: bytes } = await send(server, 'GET', `${one}/${part}`, { headers: { accept: type } });
        await expectStatus(200, 'PUT', `${one}/${part}?fieldManager=unknown`, {
          body: bytes,
          headers: { 'content-type': type },
        });
        expect((await expectStatus(200, 'GET', one)).text, `${part} as ${type}`).toBe(created.text);
      }
    }
    const yaml = await expectStatus(200, 'GET', one, { headers: { accept: 'application/yaml' } });
    expect(parse(yaml.text)).toEqual(created.json);
    await remove(url, sample.metadata.name!);
  });

  test('deletecollection', async () => {
    const sample = await sampleIn(each);
    const object = { ...sample, metadata: { ...sample.metadata, labels: { sampled: 'yes' } } };
    await expectStatus(201, 'POST', url, { body: object });
    const query = 'labelSelector=sampled%3Dyes';
    if (!facts.verbs.includes('deletecollection')) {
      await expectStatus(405, 'DELETE', `${url}?${query}`);
      return remove(url, sample.metadata.name!);
    }
    const gone = await expectStatus(200, 'DELETE', `${url}?${query}&propagationPolicy=Background`);
    expect(gone.json!['items']).toHaveLength(1);
    const left = await call(server, 'GET', `${url}/${sample.metadata.name}`);
    if (left.status === 200) await remove(url, sample.metadata.name!);
    return undefined;
  });
});

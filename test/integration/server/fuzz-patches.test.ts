/**
 * Patches of every type, valid and corrupted, to existing objects: rejected with reasons or accepted, never a 5xx; the
 * result can be read and written back.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltinResource, builtinResources } from '../../../shared/apis/resource-table.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import type { TypeSchema } from '../../../shared/runtime/type-schema.ts';
import { newScheme } from '../../../shared/server/builtin-scheme.ts';
import { call, startTestServer, type TestAnswer, type TestServer } from '../../fixtures/api-server.ts';
import { drawEdit, type Edit, edited, jsonPatchOf, mergePatchOf } from '../../fixtures/edit-object.ts';
import { EVERY_RESOURCE } from '../../fixtures/every-resource.ts';
import { FUZZ_SEED, fuzzRuns } from '../../fixtures/fuzz.ts';
import { StrategicPatchGenerator } from '../../fixtures/generate-strategic-patch.ts';
import { isPlainError } from '../../fixtures/plain-error.ts';
import { Random } from '../../fixtures/random.ts';
import { sampleOf } from '../../fixtures/samples.ts';

const RUNS = fuzzRuns(4);

let server: TestServer;
let errors: string[];
beforeAll(async () => {
  server = await startTestServer(EVERY_RESOURCE);
  errors = server.errors as string[];
  const account = { metadata: { name: 'default' } };
  await call(server, 'POST', '/api/v1/namespaces/default/serviceaccounts', { body: account });
});
afterAll(() => server.close());

const scheme = newScheme();

interface Patched {
  readonly apiVersion: string;
  readonly resource: string;
  readonly facts: BuiltinResource;
  /** URL of the collection in namespace default. */
  readonly url: string;
}

const patched: Patched[] = [...builtinResources()].flatMap(([apiVersion, { resources }]) =>
  Object.entries(resources)
    .filter(([, { verbs }]) => verbs.includes('create') && verbs.includes('patch'))
    .map(([resource, facts]) => {
      const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const namespace = facts.namespaced ? '/namespaces/default' : '';
      return { apiVersion, resource, facts, url: `${base}${namespace}/${resource}` };
    }),
);

interface Patch {
  readonly type: string;
  readonly body: unknown;
}

/** `current`: the object in this version and subresource. */
function drawPatch(random: Random, schema: TypeSchema, current: KubeObject): Patch {
  const edits = Array.from({ length: 1 + random.below(2) }, () => drawEdit(random, schema, current));
  const edit = edits[0] as Edit;
  switch (random.below(5)) {
    case 0:
      return { type: 'application/merge-patch+json', body: mergePatchOf(current, edit) };
    case 1:
      return { type: 'application/strategic-merge-patch+json', body: mergePatchOf(current, edit) };
    case 2: {
      const generator = new StrategicPatchGenerator(random);
      const { apiVersion: _v, kind: _k, metadata: _m, ...body } = generator.patch(schema, { ...current });
      return { type: 'application/strategic-merge-patch+json', body };
    }
    case 3: {
      const body = edits.flatMap((each) => jsonPatchOf(random, each));
      return { type: 'application/json-patch+json', body };
    }
    default: {
      const { managedFields: _, resourceVersion: _r, uid: _u, ...metadata } = current.metadata;
      const body = edits.reduce<unknown>(edited, { ...current, metadata });
      return { type: 'application/apply-patch+yaml', body };
    }
  }
}

/** Bytes removed, duplicated or changed, as by a faulty client. */
function damaged(random: Random, text: string): string {
  const at = random.below(text.length);
  const other = random.pick([
    '',
    '"',
    '{',
    ']',
    'null',
    '\\',
    '-1',
    '1e999',
    '\u0000',
    text.slice(at, at + 9),
  ]);
  return text.slice(0, at) + other + text.slice(at + random.below(4));
}

function answered(answer: TestAnswer, what: string): void {
  if (!isPlainError(answer)) expect(answer.status, `${what}: ${answer.text}`).toBeLessThan(500);
  if (answer.status >= 400) expect(answer.json, what).toMatchObject({ kind: 'Status', code: answer.status });
  expect(errors.splice(0), what).toEqual([]);
}

function withoutBookkeeping({ json }: TestAnswer): unknown {
  const { metadata, ...rest } = json as unknown as KubeObject;
  const { resourceVersion: _r, generation: _g, managedFields: _m, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

async function remove(url: string, name: string): Promise<void> {
  await call(server, 'DELETE', `${url}/${name}?propagationPolicy=Background&gracePeriodSeconds=0`);
  const left = await call(server, 'GET', `${url}/${name}`);
  if (left.status === 404) return;
  const finalized = url.endsWith('/namespaces')
    ? await call(server, 'PUT', `${url}/${name}/finalize`, { body: { ...left.json, spec: {} } })
    : await call(server, 'PATCH', `${url}/${name}`, {
        body: { metadata: { finalizers: null } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
  expect(finalized.status, `${url}/${name}: ${finalized.text}`).toBe(200);
  expect((await call(server, 'GET', `${url}/${name}`)).status, `${url}/${name}`).toBe(404);
}

test.each(patched)('$apiVersion $resource', { timeout: 300_000 }, async ({ apiVersion, facts, url }) => {
  const sample = sampleOf(apiVersion, facts.kind);
  const origin = patched.find(
    (each) => each.apiVersion === sample.apiVersion && each.facts.kind === facts.kind,
  )!;
  const name = sample.metadata.name!;
  const schema = scheme.schema({ ...parseGroupVersion(apiVersion)!, kind: facts.kind });
  // The status of a definition belongs to a controller, which runs concurrently with the test.
  const hasStatus = facts.kind !== 'CustomResourceDefinition' && facts.subresources?.['status'] !== undefined;
  await remove(url, name);
  let taken = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = new Random(FUZZ_SEED + 1000 * run);
    if ((await call(server, 'GET', `${url}/${name}`)).status === 404) {
      const created = await call(server, 'POST', origin.url, { body: sample });
      expect(created.status, created.text).toBe(201);
    }
    const one = `${url}/${name}`;
    const current = (await call(server, 'GET', one)).json as unknown as KubeObject;
    const target = hasStatus && random.chance(0.2) ? `${one}/status` : one;
    const { type, body } = drawPatch(random, schema, current);
    const text = random.chance(0.1) ? damaged(random, JSON.stringify(body)) : JSON.stringify(body);
    const what = `${target} ${type} ${text}, FUZZ_SEED=${FUZZ_SEED + 1000 * run} FUZZ_RUNS=1`;
    const query = `?fieldManager=fuzz${type.includes('apply') ? '&force=true' : ''}`;
    const answer = await call(server, 'PATCH', target + query, {
      body: text,
      headers: { 'content-type': type },
    });
    answered(answer, what);
    if (answer.status >= 300) continue;
    taken++;
    const read = await call(server, 'GET', one);
    // Removing the last finalizer of an object being deleted deletes it.
    if (read.status === 404) continue;
    expect(read.status, what).toBe(200);
    const again = await call(server, 'PUT', `${one}?fieldManager=fuzz`, { body: read.text });
    expect(withoutBookkeeping(again), `unchanged after ${what}`).toEqual(withoutBookkeeping(read));
    // Fields unknown to an older version may settle with the first update: the second changes nothing.
    const settled = await call(server, 'PUT', `${one}?fieldManager=fuzz`, { body: again.text });
    expect(settled.text, `unchanged again after ${what}`).toBe(again.text);
    if (random.chance(0.15)) await remove(url, name);
  }
  await remove(url, name);
  // The test is only meaningful if some patches were accepted.
  if (RUNS >= 20) expect(taken).toBeGreaterThan(0);
});

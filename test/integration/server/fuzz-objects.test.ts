/** Nearly valid objects, written to every resource in every way: rejected with reasons or stored, never a 5xx. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtinResources } from '../../../shared/apis/resource-table.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import { newScheme } from '../../../shared/server/builtin-scheme.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { EVERY_RESOURCE } from '../../fixtures/every-resource.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';
import { isPlainError } from '../../fixtures/plain-error.ts';
import { schemaArbitrary } from '../../fixtures/schema-arbitrary.ts';

const RUNS = fuzzRuns(6);

let server: TestServer;
let errors: string[];
beforeAll(async () => {
  server = await startTestServer(EVERY_RESOURCE);
  errors = server.errors as string[];
});
afterAll(() => server.close());

const scheme = newScheme();
const PATCHES = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const resources = [...builtinResources()].flatMap(([apiVersion, { resources: all }]) =>
  Object.entries(all).flatMap(([resource, facts]) => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const gv = parseGroupVersion(apiVersion)!;
    const collection = `${base}${facts.namespaced ? '/namespaces/default' : ''}/${resource}`;
    const subresources = Object.entries(facts.subresources ?? {}).map(([name, sub]) => ({
      url: `${collection}/fuzz/${name}`,
      gvk: { group: sub.group ?? gv.group, version: sub.version ?? gv.version, kind: sub.kind },
    }));
    return [{ url: collection, gvk: { ...gv, kind: facts.kind } }, ...subresources].filter(({ gvk }) =>
      scheme.recognizes(gvk),
    );
  }),
);

test.each(resources)('$url', { timeout: 300_000 }, async ({ url, gvk }) => {
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
  const write = fc.record({
    object: schemaArbitrary(scheme.schema(gvk)),
    named: fc.boolean(),
    method: fc.constantFrom('POST', 'POST', 'PUT', 'PATCH'),
    patch: fc.constantFrom(...PATCHES),
    validation: fc.constantFrom('Strict', 'Warn', 'Ignore'),
  });
  const isCollection = !url.includes('/fuzz');
  await fc.assert(
    fc.asyncProperty(write, async ({ object, named, method, patch, validation }) => {
      const given = typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {};
      const metadata = (given as { metadata?: unknown }).metadata;
      const body = {
        ...given,
        apiVersion,
        kind: gvk.kind,
        ...(named && { metadata: { ...(metadata as object), name: 'fuzz' } }),
      };
      const target = isCollection && method !== 'POST' ? `${url}/fuzz` : url;
      const answer = await call(server, method, `${target}?fieldValidation=${validation}&fieldManager=fuzz`, {
        body: JSON.stringify(body),
        headers: { 'content-type': method === 'PATCH' ? patch : 'application/json' },
      });
      if (answer.text === '404 page not found\n') return;
      if (answer.status >= 400) expect(answer.json).toMatchObject({ kind: 'Status', code: answer.status });
      if (!isPlainError(answer)) expect(answer.status, answer.text).toBeLessThan(500);
      expect(errors.splice(0)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

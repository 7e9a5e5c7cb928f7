/**
 * Generated schemas and objects with a complete server: different kinds of writes are consistent, and repeated ones
 * have no effect.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { causesOf, refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  object,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';
import { fittingValueOf, specSchema } from '../../fixtures/apiextensions/structural-arbitrary.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';

let server: TestServer;
const client = new TestClient(() => server);
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Stored {
  metadata: { resourceVersion: string; generation: number };
  spec: unknown;
}

const APPLY = 'application/apply-patch+yaml';
const cases = specSchema.chain((schema) =>
  fc.tuple(fc.constant(schema), fc.array(fittingValueOf(schema), { minLength: 3, maxLength: 3 })),
);
let kinds = 0;

const TWO: readonly (readonly [JSONSchemaProps, unknown])[] = [
  [{ type: 'string', format: 'date' }, ''],
  [
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    },
    {},
  ],
  [{ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, ['x', 'x']],
  [{ type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] }, 0],
];
/** Errors of two fields whose order differs between apply and create. */
const BOTH_ORDERS = TWO.map(([schema, value]): [[JSONSchemaProps, unknown[]]] => {
  const twice = <Value>(one: Value) => Object.fromEntries(['a', '__proto__'].map((name) => [name, one]));
  return [[{ type: 'object', properties: twice(schema) }, [null, twice(value), null]]];
});

test('objects rejected on create are rejected everywhere; unchanged objects are not rewritten', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([schema, specs]) => {
      const kind = `Generated${String.fromCharCode(97 + (kinds % 26))}${Math.floor(kinds++ / 26)}`;
      const path = pathOf(kind);
      const definition = definitionManifest(kind, [{ schema: schemaOf(schema) }]);
      expect(refusalOf(await client.create(DEFINITIONS, definition))).toBe('201');
      expect(refusalOf(await client.create(path, object(kind, 'old')))).toBe('201');
      for (const [index, spec] of specs.entries()) {
        const body = object(kind, `x${index}`, { spec });
        const created = await client.create<Stored>(path, body);
        const old = await client.get<Stored>(`${path}/old`);
        const updated = await client.update<Stored>(`${path}/old?dryRun=All`, { ...old.object, spec });
        const applied = await client.patch(
          `${path}/old?dryRun=All&fieldManager=a`,
          object(kind, 'old', { spec }),
          APPLY,
        );
        if (created.status !== 201) {
          expect([updated.status, causesOf(updated)]).toEqual([created.status, causesOf(created)]);
          // Objects that do not match their type can't be merged.
          if (applied.status === 422) expect(causesOf(applied)).toEqual(causesOf(created));
          else expect(applied.status).toBe(500);
          continue;
        }
        expect(updated.object.spec).toEqual(created.object.spec);
        const again = await client.update<Stored>(`${path}/x${index}`, created.object);
        expect(again.object).toEqual(created.object);
        const sent = await client.update<Stored>(`${path}/x${index}`, {
          ...body,
          metadata: created.object.metadata,
        });
        expect(sent.object.metadata).toEqual(created.object.metadata);
      }
      await client.delete(`${DEFINITIONS}/${definition.metadata.name}`);
    }),
    { numRuns: fuzzRuns(20), examples: BOTH_ORDERS },
  );
  expect(server.errors).toEqual([]);
});

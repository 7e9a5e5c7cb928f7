/** Excessively nested objects are rejected for every kind of write, and never with a 5xx. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClient } from '../../fixtures/api-client.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  object,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';

let server: TestServer;
const client = new TestClient(() => server);
beforeAll(async () => {
  server = await startTestServer();
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;
  await client.create(DEFINITIONS, definitionManifest('Deep', [{ schema: schemaOf(spec) }]));
});
afterAll(async () => {
  await server.close();
  expect(server.errors).toEqual([]);
});

const COLLECTION = pathOf('Deep');
const DEEP = `${COLLECTION}/deep`;
const maps = (depth: number, inner = '1') => '{"a":'.repeat(depth) + inner + '}'.repeat(depth);
const lists = (depth: number) => `{"l":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** Writes the same spec in every possible way; results such as `POST 201`. */
async function writeInEveryWay(spec: string): Promise<string[]> {
  const whole = JSON.stringify(object('Deep', 'deep', { spec: 0 })).replace('"spec":0', `"spec":${spec}`);
  const writes: [method: string, url: string, type: string, body: string][] = [
    ['POST', COLLECTION, 'application/json', whole],
    ['POST', `${COLLECTION}?dryRun=All`, 'application/yaml', `# YAML\n${whole.replace('"deep"', '"other"')}`],
    ['PATCH', `${DEEP}?fieldManager=a&force=true`, 'application/apply-patch+yaml', whole],
    ['PATCH', DEEP, 'application/merge-patch+json', `{"spec":${spec}}`],
    ['PATCH', DEEP, 'application/json-patch+json', `[{"op":"add","path":"/spec","value":${spec}}]`],
  ];
  const answers: string[] = [];
  for (const [method, url, type, body] of writes) {
    const { status } = await call(server, method, url, { headers: { 'content-type': type }, body });
    answers.push(`${type} ${status}`);
  }
  await call(server, 'DELETE', DEEP);
  return answers;
}

const EVERY_WAY = ['json', 'yaml', 'apply-patch+yaml', 'merge-patch+json', 'json-patch+json'];

test.each([
  [200, [201, 201, 200, 200, 200]],
  [900, [201, 400, 200, 200, 200]],
])('%i levels are accepted', async (depth, statuses) => {
  const expected = EVERY_WAY.map((type, i) => `application/${type} ${statuses[i]}`);
  expect(await writeInEveryWay(maps(depth))).toEqual(expected);
  expect(await writeInEveryWay(lists(depth))).toEqual(expected);
});

test.each([1001, 9999, 200_000])('%i levels are rejected', async (depth) => {
  for (const spec of [maps(depth), lists(depth)]) {
    for (const answer of await writeInEveryWay(spec)) expect(answer).toMatch(/ 4\d\d$/);
  }
});

test('no object can be deepened step by step', async () => {
  await client.create(COLLECTION, object('Deep', 'step', { spec: {} }));
  const statuses: number[] = [];
  for (let step = 0; step < 4; step++) {
    const path = `/spec/a${'/a'.repeat(400 * step)}`;
    const { status } = await call(server, 'PATCH', `${COLLECTION}/step`, {
      headers: { 'content-type': 'application/json-patch+json' },
      body: `[{"op":"add","path":"${path}","value":${maps(400, '{}')}}]`,
    });
    statuses.push(status);
  }
  expect(statuses).toEqual([200, 200, 422, 422]);
});

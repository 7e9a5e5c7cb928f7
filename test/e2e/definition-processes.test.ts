/**
 * Two servers on one table: a change of a definition through one of them is served by the other, and ends its watches.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  object,
  pathOf,
  schemaOf,
} from '../fixtures/apiextensions/manifest.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

vi.setConfig({ testTimeout: 60_000 });

let here: LocalServer;
let there: LocalServer;
const children: ChildProcess[] = [];
beforeAll(async () => {
  const env = { AWS_ENDPOINT_URL_DYNAMODB: await testDynamoDBEndpoint() };
  here = await startLocalServer({ env });
  there = await startLocalServer({ env });
}, 120_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([here.stop(), there.stop()]);
});

const NAME = `shareds.${GROUP}`;
const string = { type: 'string' };
const V1 = pathOf('Shared');
const V2 = pathOf('Shared', 'v2');

/** A watch on the other server: its events as `TYPE spec`, until the server ends it. */
function watch(path: string): { next(): Promise<string | undefined>; ended: Promise<unknown> } {
  const child = there.spawn(['get', '--raw', `${path}?watch=true`]);
  children.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    ended: once(child, 'exit'),
    async next() {
      const { value, done } = await lines.next();
      if (done) return undefined;
      const event = JSON.parse(value) as { type: string; object: { spec: object } };
      return `${event.type} ${JSON.stringify(event.object.spec)}`;
    },
  };
}

const served = async (path: string): Promise<boolean> =>
  (await there.kubectl(['get', '--raw', path])).code === 0;
const patch = (...operations: object[]) =>
  here.run(['patch', 'crd', NAME, '--type=json', '-p', JSON.stringify(operations)]);

/** Much longer than it takes, and shorter than the interval at which a watch polls by itself. */
const SOON = { timeout: 5_000, interval: 100 };

test('a new definition is served and discovered', async () => {
  const schema = schemaOf({ type: 'object', properties: { a: string } });
  await here.run(
    ['create', '-f', '-'],
    JSON.stringify(definitionManifest('Shared', [{ schema }, { schema }])),
  );
  await expect.poll(() => served(V1), SOON).toBe(true);
  await expect.poll(() => there.run(['get', '--raw', `/apis/${GROUP}/v2`]), SOON).toContain('"shareds"');
  await here.run(['create', '-f', '-'], JSON.stringify(object('Shared', 'x', { spec: { a: '1' } })));
});

test('a new schema ends watches, and new watches use it', async () => {
  const before = watch(V1);
  expect(await before.next()).toBe('ADDED {"a":"1"}');
  await patch({
    op: 'add',
    path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/b',
    value: { ...string, default: 'b' },
  });
  expect(await before.next()).toBeUndefined();
  await before.ended;
  const after = watch(V1);
  expect(await after.next()).toBe('ADDED {"a":"1","b":"b"}');
});

test('a version no longer served disappears with its watches', async () => {
  const first = watch(V1);
  expect(await first.next()).toContain('ADDED');
  await patch({ op: 'replace', path: '/spec/versions/0/served', value: false });
  expect(await first.next()).toBeUndefined();
  await expect.poll(() => served(V1), SOON).toBe(false);
  await expect.poll(() => served(`/apis/${GROUP}/v1`), SOON).toBe(false);
  expect(await served(V2)).toBe(true);
});

test('a deleted definition disappears after its watches delivered the last objects', async () => {
  const last = watch(V2);
  expect(await last.next()).toContain('ADDED');
  await here.run(['delete', 'crd', NAME]);
  expect(await last.next()).toContain('DELETED');
  expect(await last.next()).toBeUndefined();
  await expect.poll(() => served(V2), SOON).toBe(false);
  await expect.poll(() => served(`/apis/${GROUP}`), SOON).toBe(false);
  expect(await here.kubectl(['get', '--raw', DEFINITIONS])).toMatchObject({ code: 0 });
});

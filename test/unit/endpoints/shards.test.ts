/** Sharded lists and watches: `shardSelector`. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into
type Json = any;

const MAPS = '/api/v1/namespaces/default/configmaps';
const LOWER = "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')";
const UPPER = "shardRange(object.metadata.uid, '0x8000000000000000', '0x10000000000000000')";
const query = (selector: string, more = '') => `?shardSelector=${encodeURIComponent(selector)}${more}`;
const NAMES = Array.from({ length: 16 }, (_, at) => `map-${at}`);

let sharded: TestServer;
beforeAll(async () => {
  sharded = await startTestServer({ featureGates: new Map([['ShardedListAndWatch', 'true']]) });
  for (const name of NAMES) await call(sharded, 'POST', MAPS, { body: { metadata: { name } } });
});
afterAll(() => sharded.close());

const list = async (server: TestServer, suffix: string): Promise<Json> =>
  (await call(server, 'GET', `${MAPS}${suffix}`)).json;
const namesOf = ({ items }: Json): string[] =>
  items.map(({ metadata }: Json) => metadata.name).filter((name: string) => NAMES.includes(name));

test('two halves are everything, and each reports its selector', async () => {
  const [lower, upper] = [await list(sharded, query(LOWER)), await list(sharded, query(UPPER))];
  expect([lower.metadata.shardInfo, upper.metadata.shardInfo]).toEqual([
    { selector: LOWER },
    { selector: UPPER },
  ]);
  expect([...namesOf(lower), ...namesOf(upper)].sort()).toEqual([...NAMES].sort());
  expect(namesOf(await list(sharded, query(`${LOWER} || ${UPPER}`))).sort()).toEqual([...NAMES].sort());
});

test('a page is filled from the shard, and a watch delivers only its events', async () => {
  const names = namesOf(await list(sharded, query(LOWER)));
  const page = await list(sharded, query(LOWER, '&limit=2'));
  expect(page.items).toHaveLength(Math.min(2, names.length));
  const { text } = await call(sharded, 'GET', `${MAPS}${query(LOWER, '&watch=true&timeoutSeconds=1')}`);
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  const told = events.filter(({ type }) => type === 'ADDED').map(({ object }) => object.metadata.name);
  expect(told.filter((name) => NAMES.includes(name)).sort()).toEqual([...names].sort());
});

test('invalid selectors are reported as by upstream', async () => {
  const { status, json } = await call(sharded, 'GET', `${MAPS}${query('nope')}`);
  expect([status, json?.message]).toEqual([
    500,
    'invalid shard selector: unexpected expression kind 3; expected shardRange() call or || operator',
  ]);
});

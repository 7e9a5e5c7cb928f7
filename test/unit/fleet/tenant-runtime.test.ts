import { beforeEach, expect, test } from 'vitest';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { TenantRuntime } from '../../../shared/fleet/tenant-runtime.ts';
import { type ApiRequest, headerFields } from '../../../shared/request/api-request.ts';

const entry = (name: string, more: Partial<TenantEntry> = {}): TenantEntry => ({
  name,
  state: 'Active',
  id: `${name}.1`,
  owner: `default/${name}`,
  table: 'fleet',
  arguments: [],
  adminARNs: [],
  endpoint: `https://${name}`,
  ...more,
});

const request = (path: string, signal = new AbortController().signal): ApiRequest => ({
  method: 'GET',
  path,
  query: new URLSearchParams(),
  headers: headerFields([]),
  body: new Uint8Array(),
  signal,
  canStream: true,
});

let events: string[];
let loads = 0;
let fails: boolean;

/** Tenants whose `/watch` streams until they are drained. */
function newRuntime(options: { idleMs?: number; maxLoaded?: number; isShort?: () => boolean } = {}) {
  return new TenantRuntime({
    open: async ({ id }) => {
      const which = `${id}/${++loads}`;
      events.push(`open ${which}`);
      if (fails) throw new Error('no keys');
      let end: () => void = () => undefined;
      const drained = new Promise<void>((resolve) => {
        end = resolve;
      });
      return {
        handler: async ({ path }) => ({
          status: 200,
          headers: {},
          body:
            path === '/watch'
              ? (async function* () {
                  yield Buffer.from(which);
                  await drained;
                })()
              : Buffer.from(which),
        }),
        drain: () => {
          events.push(`drain ${which}`);
          end();
        },
        idle: async () => undefined,
        close: async () => {
          events.push(`close ${which}`);
        },
      };
    },
    idleMs: 60_000,
    maxLoaded: 100,
    onError: (message) => events.push(message),
    ...options,
  });
}

beforeEach(() => {
  events = [];
  loads = 0;
  fails = false;
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const bodyOf = async (answer: Promise<{ body: unknown }>) =>
  Buffer.from((await answer).body as Uint8Array).toString();

test('loads a tenant once for concurrent requests', async () => {
  const runtime = newRuntime();
  const answers = await Promise.all([1, 2, 3].map(() => bodyOf(runtime.serve(entry('a'), request('/')))));
  expect(answers).toEqual(['a.1/1', 'a.1/1', 'a.1/1']);
  expect(events).toEqual(['open a.1/1']);
});

test('retries after a failed load', async () => {
  const runtime = newRuntime();
  fails = true;
  await expect(runtime.serve(entry('a'), request('/'))).rejects.toThrow('no keys');
  fails = false;
  expect(await bodyOf(runtime.serve(entry('a'), request('/')))).toBe('a.1/2');
});

test('evicts the least recently used idle tenant', async () => {
  const runtime = newRuntime({ maxLoaded: 2 });
  const watch = await runtime.serve(entry('a'), request('/watch'));
  for (const name of ['b', 'c', 'b', 'd']) await runtime.serve(entry(name), request('/'));
  await settled();
  expect(events).toEqual([
    ...['open a.1/1', 'open b.1/2', 'open c.1/3', 'drain b.1/2', 'close b.1/2'],
    ...['open b.1/4', 'drain c.1/3', 'close c.1/3', 'open d.1/5', 'drain b.1/4', 'close b.1/4'],
  ]);
  expect(runtime.names()).toEqual(['a', 'd']);
  expect(watch.status).toBe(200);
});

test('evicts idle tenants, and none in use', async () => {
  const runtime = newRuntime({ idleMs: -1 });
  const watch = await runtime.serve(entry('a'), request('/watch'));
  await runtime.serve(entry('b'), request('/'));
  runtime.sweep();
  await settled();
  expect(events).toEqual(['open a.1/1', 'open b.1/2', 'drain b.1/2', 'close b.1/2']);
  runtime.drain();
  const chunks: string[] = [];
  for await (const chunk of watch.body as AsyncIterable<Uint8Array>)
    chunks.push(Buffer.from(chunk).toString());
  expect(chunks).toEqual(['a.1/1']);
  runtime.sweep();
  await settled();
  expect(events.slice(4)).toEqual(['drain a.1/1', 'drain a.1/1', 'close a.1/1']);
});

test.each<[string, Partial<TenantEntry>]>([
  ['arguments', { arguments: ['--event-ttl=2h'] }],
  ['admins', { adminARNs: ['arn:aws:iam::111122223333:role/A'] }],
  ['place', { table: 'own' }],
  ['version', { version: '1.25' }],
  ['incarnation', { id: 'a.2' }],
])('changed %s create a new server, and end the watches of the old one', async (_, change) => {
  const runtime = newRuntime();
  const watch = await runtime.serve(entry('a'), request('/watch'));
  const reading = (async () => {
    for await (const chunk of watch.body as AsyncIterable<Uint8Array>) expect(chunk).toBeDefined();
  })();
  const other = entry('a', change);
  expect(await bodyOf(runtime.serve(other, request('/')))).toBe(`${other.id}/2`);
  await reading;
  await settled();
  expect(events).toEqual(['open a.1/1', `open ${other.id}/2`, 'drain a.1/1', 'close a.1/1']);
});

test('a changed state creates no new server', async () => {
  const runtime = newRuntime();
  await runtime.serve(entry('a'), request('/'));
  await runtime.serve(entry('a', { state: 'Suspended' }), request('/'));
  expect(events).toEqual(['open a.1/1']);
});

test('an evicted tenant is closed when its last request has ended', async () => {
  const runtime = newRuntime();
  let finish: () => void = () => undefined;
  const using = runtime.use(entry('a'), () => new Promise<void>((resolve) => (finish = resolve)));
  await settled();
  const dropped = runtime.drop('a');
  await settled();
  expect(events).toEqual(['open a.1/1', 'drain a.1/1']);
  finish();
  await Promise.all([using, dropped]);
  expect(events).toEqual(['open a.1/1', 'drain a.1/1', 'close a.1/1']);
});

test('a client that disconnected before reading delays nothing', async () => {
  const runtime = newRuntime();
  const gone = new AbortController();
  await runtime.serve(entry('a'), request('/watch', gone.signal));
  gone.abort();
  await runtime.close();
  expect(events).toEqual(['open a.1/1', 'drain a.1/1', 'close a.1/1']);
});

test('short of memory, an idle tenant is evicted for each new one, and at each sweep', async () => {
  let isShort = false;
  const runtime = newRuntime({ isShort: () => isShort });
  await runtime.serve(entry('a'), request('/watch'));
  for (const name of ['b', 'c', 'd']) await runtime.serve(entry(name), request('/'));
  isShort = true;
  await runtime.serve(entry('c'), request('/'));
  expect(runtime.names()).toEqual(['a', 'b', 'd', 'c']);
  await runtime.serve(entry('e'), request('/'));
  expect(runtime.names()).toEqual(['a', 'd', 'c', 'e']);
  runtime.sweep();
  expect(runtime.names()).toEqual(['a', 'c', 'e']);
});

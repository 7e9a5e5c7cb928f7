import { expect, test } from 'vitest';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import {
  kindOf,
  type RequestKind,
  TenantGate,
  type TenantLimits,
} from '../../../shared/fleet/tenant-limits.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { type ApiRequest, type ApiResponse, headerFields } from '../../../shared/request/api-request.ts';
import type { RequestRecord } from '../../../shared/request/request-record.ts';
import { admitted } from '../../fixtures/admitted.ts';

const entry = (limits?: TenantLimits): TenantEntry => ({
  name: 'acme',
  state: 'Active',
  id: 'acme.1',
  owner: 'default/acme',
  table: 'fleet',
  arguments: [],
  adminARNs: [],
  endpoint: 'https://acme',
  ...(limits && { limits }),
});

const request = (method: string, target: string, more: Partial<ApiRequest> = {}): ApiRequest => {
  const { pathname, searchParams } = new URL(target, 'https://acme');
  return {
    method,
    path: pathname,
    query: searchParams,
    headers: headerFields([]),
    body: new Uint8Array(),
    signal: new AbortController().signal,
    canStream: true,
    ...more,
  };
};

const PODS = '/api/v1/namespaces/default/pods';
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/manager';
test.each([
  ['GET', PODS, 'other'],
  ['GET', `${PODS}?watch=1`, 'watch'],
  ['GET', `${PODS}?watch=true`, 'watch'],
  ['GET', `${PODS}?watch`, 'watch'],
  ['GET', `${PODS}?watch=false`, 'other'],
  ['GET', '/api/v1/watch/pods', 'watch'],
  ['POST', PODS, 'other'],
  ['DELETE', `${PODS}/a`, 'release'],
  ['PUT', LEASE, 'release'],
  ['PATCH', LEASE, 'release'],
  ['GET', LEASE, 'other'],
  ['PUT', `${PODS}/leases`, 'other'],
])('%s %s is of kind %s', (method, target, kind) => {
  expect(kindOf(request(method, target))).toBe(kind);
});

/** The results of requests at these milliseconds: seconds to wait, or undefined. */
function waits(
  limits: TenantLimits,
  asked: readonly (readonly [at: number, kind: 'other' | 'release' | 'watch'])[],
) {
  const gate = new TenantGate();
  return asked.map(([at, kind]) => {
    try {
      gate.enter(limits, kind, at);
      return 0;
    } catch (error) {
      return (error as { status: { details: { retryAfterSeconds: number } } }).status.details
        .retryAfterSeconds;
    }
  });
}

test.each<[string, TenantLimits, Parameters<typeof waits>[1], number[]]>([
  [
    'no limits',
    {},
    [
      [0, 'other'],
      [0, 'watch'],
    ],
    [0, 0],
  ],
  [
    'a burst of two seconds, then the rate',
    { requestsPerSecond: 1 },
    [
      [0, 'other'],
      [0, 'other'],
      [0, 'other'],
      [1000, 'other'],
      [1000, 'other'],
    ],
    [0, 0, 1, 0, 1],
  ],
  [
    'an additional burst for deletions and lease renewals',
    { requestsPerSecond: 1 },
    [
      [0, 'other'],
      [0, 'other'],
      [0, 'other'],
      [0, 'release'],
      [0, 'release'],
      [0, 'release'],
    ],
    [0, 0, 1, 0, 0, 1],
  ],
  [
    'concurrent requests',
    { inFlight: 1 },
    [
      [0, 'other'],
      [0, 'other'],
      [0, 'release'],
      [0, 'release'],
      [0, 'watch'],
    ],
    [0, 1, 0, 1, 0],
  ],
  [
    'concurrent watches',
    { watches: 1 },
    [
      [0, 'watch'],
      [0, 'watch'],
      [0, 'other'],
    ],
    [0, 5, 0],
  ],
])('%s', (_, limits, asked, expected) => {
  expect(waits(limits, asked)).toEqual(expected);
});

test.each<[TenantLimits, RequestKind, string]>([
  [{ watches: 1 }, 'watch', 'is 1 concurrent watches'],
  [{ inFlight: 1 }, 'other', 'is 1 concurrent requests'],
  // The whole fleet's, of which this process has half.
  [{ requestsPerSecond: 1 }, 'other', 'is 1 requests per second'],
])('a refusal by %j names the limit', (limits, kind, reached) => {
  const gate = new TenantGate();
  const enter = () => gate.enter(limits, kind, 0, limits.requestsPerSecond && 0.5);
  enter();
  expect(enter).toThrow(`Too many requests, please try again later: the control plane's limit ${reached}`);
});

const RECORD: RequestRecord = {
  ...{ auditID: 'x', verb: 'get', group: '', version: 'v1', resource: 'pods', subresource: '' },
  ...{ namespace: '', name: '', path: '', status: 200, milliseconds: 8, bytes: 5, isLongRunning: false },
};
const answer = (body: ApiResponse['body'] = Buffer.from('hello')): ApiResponse => ({
  status: 200,
  headers: {},
  body,
});

test('excess requests are rejected with a retry hint, and both are counted', async () => {
  const usage = new UsageMeter();
  const traffic = new TenantTraffic({ usage, now: () => 0 });
  const told: (string | undefined)[] = [];
  const ask = (method: string) =>
    traffic.run(
      entry({ requestsPerSecond: 0.5 }),
      request(method, PODS, { onEnd: ({ tenant }) => told.push(tenant) }),
      admitted(async ({ onEnd }) => {
        onEnd?.({ ...RECORD, status: method === 'POST' ? 500 : 200 });
        return answer();
      }),
    );
  const answers = [await ask('POST'), await ask('GET')];
  expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
    [200, undefined],
    [429, '2'],
  ]);
  expect(JSON.parse(Buffer.from(answers[1]!.body as Uint8Array).toString())).toEqual({
    ...{
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      code: 429,
      reason: 'TooManyRequests',
    },
    message:
      "Too many requests, please try again later: the control plane's limit is 0.5 requests per second",
    details: { retryAfterSeconds: 2 },
  });
  usage.capacity('acme.1', 'query', 0.5);
  usage.capacity('acme.1', 'transact', 4);
  expect([...usage.take()]).toEqual([
    [
      'acme.1',
      {
        // The rejecting server also writes a record.
        ...{ requests: 1, serverErrors: 1, refused: 1, watchSeconds: 0, milliseconds: 8, bytes: 5 },
        ...{ readUnits: 0.5, writeUnits: 4 },
      },
    ],
  ]);
  expect([...usage.take()]).toEqual([]);
  expect(told).toEqual(['acme']);
});

const showing = (credential: string) => ({ headers: headerFields([['authorization', credential]]) });
/** Accepts `good`. */
const knowing = admitted(async ({ onEnd }) => {
  onEnd?.(RECORD);
  return answer();
});
const server: typeof knowing = async (asked) =>
  asked.headers.get('authorization')?.[0] === 'good' ? knowing(asked) : { ...answer(), status: 401 };

test.each<TenantLimits>([{ requestsPerSecond: 1 }, { inFlight: 2 }])(
  'unauthenticated requests do not consume %j',
  async (limits) => {
    const usage = new UsageMeter();
    const traffic = new TenantTraffic({ usage, now: () => 0 });
    const ask = async (credential: string, serve = server) =>
      (await traffic.run(entry(limits), request('GET', PODS, showing(credential)), serve)).status;
    // Their authentication lasts as long as the others' requests.
    const ends: (() => void)[] = [];
    const flood = Array.from({ length: 10 }, (_, n) =>
      ask(`bad-${n}`, async () => {
        await new Promise<void>((resolve) => ends.push(resolve));
        return { ...answer(), status: 401 };
      }),
    );
    expect([await ask('good'), await ask('good')]).toEqual([200, 200]);
    for (const end of ends) end();
    expect(new Set(await Promise.all(flood))).toEqual(new Set([401]));
    expect(usage.take().get('acme.1')).toMatchObject({ refused: 0 });
  },
);

test('a rejected credential is cached, until it is valid again', async () => {
  const usage = new UsageMeter();
  const traffic = new TenantTraffic({ usage, now: () => 0 });
  const looked: number[] = [];
  const ask = async (status: number) => {
    const serve = status === 401 ? async () => ({ ...answer(), status }) : knowing;
    const asked = request('GET', PODS, showing('good'));
    const told = await traffic.run(entry({ requestsPerSecond: 1 }), asked, (mine) => {
      looked.push(status);
      return serve(mine);
    });
    return told.status;
  };
  // It ends before its limit, and then counts as a stranger's.
  expect([await ask(200), await ask(401), await ask(401), await ask(200), await ask(200)]).toEqual([
    200, 401, 401, 429, 429,
  ]);
  expect(looked).toEqual([200, 401, 401, 200]);
});

test('unauthenticated requests have their own turns', async () => {
  const turns = { maxRunning: 4, maxRunningPerTenant: 1, countedMs: 60_000 };
  const traffic = new TenantTraffic({ usage: new UsageMeter(), turns });
  const ask = (credential: string, serve = server) =>
    traffic.run(entry(), request('GET', PODS, showing(credential)), serve);
  await ask('good');
  // The first occupies the only turn and never ends.
  for (let n = 0; n < 100; n++) void ask(`bad-${n}`, () => new Promise(() => undefined));
  expect((await ask('good')).status).toBe(200);
});

test('a watch counts until its last byte, or until its client disconnects', async () => {
  const traffic = new TenantTraffic({ usage: new UsageMeter() });
  const gone = new AbortController();
  const watch = (signal?: AbortSignal) =>
    traffic.run(
      entry({ watches: 2 }),
      request('GET', `${PODS}?watch=1`, { ...(signal && { signal }) }),
      admitted(async () =>
        answer(
          (async function* () {
            yield Buffer.from('x');
          })(),
        ),
      ),
    );
  const first = await watch();
  await watch(gone.signal);
  expect((await watch()).status).toBe(429);
  for await (const _ of first.body as AsyncIterable<Uint8Array>);
  expect((await watch()).status).toBe(200);
  expect((await watch()).status).toBe(429);
  gone.abort();
  expect((await watch()).status).toBe(200);
});

test('users of two tenants have separate budgets for bodies and watches', async () => {
  const traffic = new TenantTraffic({ usage: new UsageMeter() });
  const users: string[] = [];
  const readBody = async (_: number, user: string) => {
    users.push(user);
    return new Uint8Array();
  };
  const claimMemory = (_: number, user: string) => {
    users.push(user);
  };
  await traffic.run(entry(), request('POST', PODS, { readBody, claimMemory }), async (asked) => {
    await asked.readBody!(1, 'ada');
    asked.claimMemory!(1, 'bob');
    return answer();
  });
  expect(users).toEqual(['acme.1/ada', 'acme.1/bob']);
});

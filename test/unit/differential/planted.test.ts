/**
 * The comparison finds faults of every kind: each is injected into responses of a server that is compared with itself.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiHandler, ApiRequest, ApiResponse } from '../../../shared/request/api-request.ts';
import { differencesOf, vainWaits } from '../../differential/differences.ts';
import type { Session, Target } from '../../differential/exchange.ts';
import { handlerTarget } from '../../differential/handler-target.ts';
import { clustered, compareServers } from '../../differential/run-sessions.ts';
import { startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let left: TestServer;
let right: TestServer;
beforeAll(async () => {
  [left, right] = await Promise.all([startTestServer(), startTestServer()]);
});
afterAll(() => Promise.all([left.close(), right.close()]));

const MAPS = '/api/v1/namespaces/$N/configmaps';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const map = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

const SESSION: Session = {
  name: 'all that is planted into',
  steps: [
    { method: 'POST', path: MAPS, body: map('a', { x: '1' }) },
    { method: 'POST', path: `${MAPS}?fieldValidation=Warn`, body: { ...map('b', {}), bogus: 1 } },
    { method: 'POST', path: MAPS, body: map('Not Valid', {}) },
    { method: 'PATCH', path: `${MAPS}/a?fieldManager=f`, headers: APPLY, body: map('a', { y: '2' }) },
    { method: 'GET', path: `${MAPS}/a` },
    { method: 'GET', path: `${MAPS}?limit=1` },
    { method: 'GET', path: MAPS },
    { method: 'GET', path: MAPS, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    { method: 'GET', path: `${MAPS}/none` },
    { method: 'GET', path: '/version' },
  ],
};

interface Body {
  readonly kind?: string;
  readonly code?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly details?: object;
  readonly items?: unknown[];
  readonly rows?: readonly { readonly cells: unknown[] }[];
}

type Plant = (
  answer: ApiResponse,
  body: Body,
  request: ApiRequest,
) => Partial<ApiResponse> & { json?: unknown };

const FAULTS: Readonly<Record<string, [plant: Plant, causes: string[]]>> = {
  'a different code': [
    (_, { code }) => (code === 404 ? { status: 500 } : {}),
    ['status 404 -> 500: configmaps "" not found'],
  ],
  'an accepted request that was rejected': [
    ({ status }) => (status === 422 ? { status: 201 } : {}),
    [
      'status 422 -> 201: ConfigMap "" is invalid: metadata.name: Invalid value: "": a lowercase RFC # subdomain must consist of lower case alphanumeric characters, \'-\' or \'.\', and must start and end with an alphanumeric chara',
    ],
  ],
  'a different message': [
    (_, body) => (body.code === 404 ? { json: { ...body, message: 'gone' } } : {}),
    ['body.message: configmaps "" not found -> gone'],
  ],
  'a missing cause': [
    (_, body) => (body.code === 422 ? { json: { ...body, details: { ...body.details, causes: [] } } } : {}),
    ['body.details.causes: fewer elements'],
  ],
  'a missing warning': [
    ({ headers }) => ({
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'warning')),
    }),
    ['warnings: fewer elements'],
  ],
  'missing managers': [
    (_, body) =>
      body.metadata?.['managedFields']
        ? { json: { ...body, metadata: { ...body.metadata, managedFields: undefined } } }
        : {},
    ['body.metadata.managedFields: missing'],
  ],
  'a missing object in a list': [
    (_, body, { query }) =>
      body.items && !query.has('limit') ? { json: { ...body, items: body.items.slice(1) } } : {},
    ['body.items: fewer elements'],
  ],
  'a list in a different order': [
    (_, body) => (body.items ? { json: { ...body, items: body.items.toReversed() } } : {}),
    [
      'body.items[].data: missing',
      'body.items[].data: extra',
      'body.items[].metadata.name: a -> b',
      'body.items[].metadata.name: b -> a',
      'body.items[].metadata.managedFields: missing',
      'body.items[].metadata.managedFields: extra',
    ],
  ],
  'null instead of an absent field': [
    (_, body) => (body.kind === 'ConfigMap' ? { json: { ...body, binaryData: null } } : {}),
    ['body.binaryData: extra'],
  ],
  'a number as a string': [
    (_, body) =>
      body.kind === 'Table'
        ? {
            json: {
              ...body,
              rows: body.rows!.map((row) => ({
                ...row,
                cells: row.cells.map(String),
              })),
            },
          }
        : {},
    ['body.rows[].cells[]: # -> #'],
  ],
  'a different media type': [
    ({ headers }) => ({ headers: { ...headers, 'content-type': 'text/plain' } }),
    ['contentType: application/json -> text/plain'],
  ],
  'a page without a continue token': [
    (_, body) =>
      body.metadata?.['continue'] ? { json: { ...body, metadata: { resourceVersion: '1' } } } : {},
    ['body.metadata.continue: missing', 'body.metadata.remainingItemCount: missing'],
  ],
};

function planted(handler: ApiHandler, plant: Plant): ApiHandler {
  return async (request) => {
    const answer = await handler(request);
    // The comparison's own requests are not altered.
    if (/^\/api\/v1\/namespaces(?:\/[^/]+\/serviceaccounts)?$/.test(request.path)) return answer;
    const { json, ...changes } = plant(
      answer,
      JSON.parse(Buffer.from(answer.body as Uint8Array).toString()),
      request,
    );
    return { ...answer, ...changes, ...(json !== undefined && { body: Buffer.from(JSON.stringify(json)) }) };
  };
}

test('a server compared with itself has no differences', async () => {
  const { requests, equal, findings } = await compareServers(
    handlerTarget(left),
    handlerTarget(right),
    [SESSION],
    'none',
  );
  expect({ requests, equal, findings }).toEqual({ requests: 10, equal: 10, findings: [] });
});

test.each(Object.entries(FAULTS))('found: %s', async (name, [plant, causes]) => {
  const faulty = { handler: planted(right.handler, plant), idle: right.idle };
  const run = String(Object.keys(FAULTS).indexOf(name));
  const { findings } = await compareServers(handlerTarget(left), handlerTarget(faulty), [SESSION], run);
  const found = clustered(findings);
  expect(found.map(({ cause }) => cause).toSorted()).toEqual(causes.toSorted());
  expect(found.every(({ accepted }) => accepted !== undefined)).toBe(false);
});

test.each(['asked', 'events'] as const)('%s are compared', (part) => {
  const answer = { status: 200, contentType: '', warnings: [], body: null };
  const [expected, actual] = [[{ a: 1 }], [{ a: 2 }]];
  expect(differencesOf({ ...answer, [part]: expected }, { ...answer, [part]: actual })).toEqual([
    { cause: `${part}[].a: # -> #`, expected: 1, actual: 2 },
  ]);
  expect(differencesOf({ ...answer, [part]: expected }, answer)).toMatchObject([
    { expected, actual: undefined },
  ]);
});

test.each([
  [undefined, 404, []],
  [200, 200, []],
  [200, 404, ['waited in vain for 200']],
  ['refused', 403, []],
  ['refused', 201, ['waited in vain for refused']],
] as const)('waiting for %s, with response %i', (until, status, causes) => {
  const step = until === undefined ? {} : { until };
  const answer = { status, contentType: '', warnings: [], body: null };
  expect(vainWaits(step, answer).map(({ cause }) => cause)).toEqual(causes);
});

test('up to four consecutive sessions marked besideOthers run concurrently, others alone', async () => {
  const running = new Set<string>();
  const seen = new Map<string, number>();
  const target: Target = {
    async ask({ method, path, body }) {
      const name = (body as { metadata?: { name?: string } } | undefined)?.metadata?.name ?? '';
      if (path === '/api/v1/namespaces') running.add(name);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      if (method === 'DELETE') {
        seen.set(path, running.size);
        running.delete(path.slice(1));
      }
      return { status: 201, contentType: '', warnings: [], text: '' };
    },
  };
  const sessionOf = (besideOthers: boolean): Session => ({
    name: 's',
    besideOthers,
    steps: [{ method: 'DELETE', path: '/$N' }],
  });
  const silent: Target = { ask: async () => ({ status: 201, contentType: '', warnings: [], text: '' }) };
  const sessions = [false, true, true, true, true, true, false].map(sessionOf);
  await compareServers(target, silent, sessions, 'r');
  const [first, ...others] = [...seen.values()];
  expect({ first, most: Math.max(...others), last: others.at(-1) }).toEqual({ first: 1, most: 4, last: 1 });
});

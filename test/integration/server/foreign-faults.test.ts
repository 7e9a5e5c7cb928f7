/** Webhooks that don't respond are logged in a single line, and not as faults of this server. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LogRecord, newLogger } from '../../../shared/util/logger.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const UNREACHABLE = 'https://127.0.0.1:1';
const REFUSED = 'dial tcp 127.0.0.1:1: connect: connection refused';

const said: LogRecord[] = [];
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({}, { logger: newLogger((record) => said.push(record)) });
  for (const sort of ['mutating', 'validating']) {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const name = `${sort}.${failurePolicy.toLowerCase()}.example.com`;
      const objectSelector = { matchLabels: { sort, failurePolicy } };
      const path = `/apis/admissionregistration.k8s.io/v1/${sort}webhookconfigurations`;
      const hook = { name, clientConfig: { url: `${UNREACHABLE}/` }, failurePolicy, objectSelector };
      const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['*'], resources: ['configmaps'] }];
      const more = { rules, sideEffects: 'None', admissionReviewVersions: ['v1'] };
      const body = { metadata: { name }, webhooks: [{ ...hook, ...more }] };
      expect((await call(server, 'POST', path, { body })).status).toBe(201);
    }
  }
  const names = { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const versions = ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema }));
  const webhook = { clientConfig: { url: `${UNREACHABLE}/` }, conversionReviewVersions: ['v1'] };
  const conversion = { strategy: 'Webhook', webhook };
  const spec = { group: 'x.example.com', scope: 'Namespaced', names, versions, conversion };
  const body = { metadata: { name: 'foos.x.example.com' }, spec };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  expect((await call(server, 'POST', definitions, { body })).status).toBe(201);
  const foo = { apiVersion: 'x.example.com/v1', kind: 'Foo', metadata: { name: 'a' } };
  expect((await call(server, 'POST', foos('v1'), { body: foo })).status).toBe(201);
});
afterAll(() => server.close());

const foos = (version: string): string => `/apis/x.example.com/${version}/namespaces/default/foos`;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** The status of a request, and the log lines during it, except for progress. */
async function told(method: string, path: string, body?: object): Promise<[number, object[]]> {
  said.length = 0;
  const { status } = await call(server, method, path, { ...(body && { body }) });
  const lines = said.filter(({ level }) => level !== 'info');
  return [status, lines.map(({ level, message, error }) => ({ level, message, ...(error && { error }) }))];
}

const post = 'Post "https://127.0.0.1:1/?timeout=10s"';
test.each([
  ['mutating', 'Fail', 500, `POST ${CONFIG_MAPS}: Internal error occurred: `],
  ['validating', 'Fail', 500, `POST ${CONFIG_MAPS}: Internal error occurred: `],
  ['mutating', 'Ignore', 201, 'Failed calling webhook, failing open mutating.ignore.example.com: '],
  ['validating', 'Ignore', 201, 'Failed calling webhook, failing open validating.ignore.example.com: '],
])('a %s webhook without a server, %s', async (sort, failurePolicy, status, begin) => {
  const name = `${sort}.${failurePolicy.toLowerCase()}`;
  const body = { metadata: { name, labels: { sort, failurePolicy } } };
  const why = `failed calling webhook "${name}.example.com": failed to call webhook: ${post}: ${REFUSED}`;
  expect(await told('POST', CONFIG_MAPS, body)).toEqual([
    status,
    [{ level: 'warning', message: `${begin}${why}` }],
  ]);
});

test.each([
  ['GET', `${foos('v2')}/a`],
  ['GET', foos('v2')],
])('a conversion webhook without a server: %s %s', async (method, path) => {
  const why = `conversion webhook for x.example.com/v1, Kind=Foo failed: Post "${UNREACHABLE}/?timeout=30s": ${REFUSED}`;
  expect(await told(method, path)).toEqual([
    500,
    [{ level: 'warning', message: `${method} ${path}: ${why}` }],
  ]);
});

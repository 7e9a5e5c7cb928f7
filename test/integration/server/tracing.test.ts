/** `--tracing-config-file`: the spans of requests that a collector receives. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newLogger } from '../../../shared/util/logger.ts';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { TraceCollector, treeOf } from '../../fixtures/trace-collector.ts';
import {
  ALLOW,
  startWebhookServer,
  testAuthority,
  type WebhookServer,
} from '../../fixtures/webhook-server.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SAMPLED = `00-${TRACE}-${CALLER}-01`;
const ADMIN = { authorization: 'Bearer admin', 'user-agent': 'tester' };
const USER = { authorization: 'Bearer user' };
const MAPS = '/api/v1/namespaces/default/configmaps';

let collector: TraceCollector;
let webhook: WebhookServer;
let always: TestServer;
let never: TestServer;

/** `isShared`: the traces are the host's, which has other control planes, too. */
const open = (samplingRatePerMillion: number, isShared = false) => {
  const configuration = { endpoint: collector.endpoint, samplingRatePerMillion };
  const files: Readonly<Record<string, string>> = {
    tokens: 'admin,ada,1,system:masters\nuser,bob,2',
    tracing: JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'TracingConfiguration',
      ...configuration,
    }),
  };
  return startTestServer(
    {
      tokenAuthFile: 'tokens',
      tracingConfigFile: isShared ? '' : 'tracing',
      authorizationMode: ['RBAC'],
    },
    {
      authenticator: undefined,
      readFile: (path) => files[path]!,
      // All spans have been exported when a response has ended.
      frozenBetweenRequests: true,
      ...(isShared && { tracingConfiguration: configuration }),
      traceResource: { 'zeroplane.tenant': 'acme' },
    },
  );
};

beforeAll(async () => {
  collector = await TraceCollector.open();
  webhook = await startWebhookServer(await testAuthority());
  webhook.behave(ALLOW);
  always = await open(1_000_000);
  never = await open(0);
  await call(always, 'POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    headers: ADMIN,
    body: {
      metadata: { name: 'guard' },
      webhooks: [
        {
          name: 'guard.example.com',
          clientConfig: { url: `${webhook.url}/`, caBundle: webhook.caBundle },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  });
  collector.take();
});
afterAll(async () => {
  await Promise.all([always?.close(), never?.close(), webhook?.close()]);
  collector?.close();
});

/** The single trace received: its root, and the tree of spans. */
function traced() {
  const spans = collector.take();
  const roots = spans.filter(({ parent }) => !spans.some(({ id }) => id === parent));
  expect(roots).toHaveLength(1);
  return { root: roots[0]!, spans, tree: treeOf(spans, roots[0]!.id) };
}

test('a create: filters, admission, storage and response, each with its attributes', async () => {
  const { status, headers } = await call(always, 'POST', `${MAPS}?fieldManager=me`, {
    headers: ADMIN,
    body: { metadata: { name: 'traced' } },
  });
  expect(status).toBe(201);
  const { root, spans, tree } = traced();
  expect(root).toMatchObject({
    name: 'POST /api/v1/namespaces/{:namespace}/configmaps',
    parent: '',
    links: [],
    error: undefined,
    attributes: {
      'http.request.method': 'POST',
      'http.target': `${MAPS}?fieldManager=me`,
      'url.path': MAPS,
      'http.response.status_code': 201,
      'audit-id': headers['audit-id'],
      'user_agent.original': 'tester',
    },
    resource: { 'service.name': 'apiserver', 'zeroplane.tenant': 'acme' },
  });
  expect(tree.map((span) => (typeof span === 'string' ? span : Object.keys(span)[0]))).toEqual([
    'authentication',
    'impersonation',
    'priorityandfairness',
    'authorization',
    'create',
  ]);
  const create = spans.find(({ name }) => name === 'create')!;
  expect(create.attributes).toEqual({ group: '', version: 'v1', resource: 'configmaps', subresource: '' });
  const below = spans.filter(({ parent }) => parent === create.id).map(({ name }) => name);
  expect(below).toEqual(['admission admit', 'admission validate', 'create storage', 'SerializeObject']);
  const stored = spans.find(({ name }) => name === 'create storage')!;
  expect(stored.attributes).toEqual({
    resource: '/registry/core/configmaps',
    key: 'default/traced',
    resourceVersion: expect.any(Number),
  });
});

test('a webhook receives the trace context, and its call is part of the trace', async () => {
  const body = { metadata: { name: 'asked' }, data: { password: 'aHVzaA==' } };
  await call(always, 'POST', '/api/v1/namespaces/default/secrets', { headers: ADMIN, body });
  const { spans, root } = traced();
  const asked = spans.find(({ name }) => name === 'Call validating webhook')!;
  expect(asked.attributes).toEqual({
    webhook: 'guard.example.com',
    resource: 'secrets',
    subresource: '',
    operation: 'CREATE',
  });
  const [http] = spans.filter(({ parent }) => parent === asked.id);
  expect(http!.attributes).toMatchObject({ 'http.request.method': 'POST', 'http.response.status_code': 200 });
  expect(webhook.calls.at(-1)!.headers['traceparent']).toBe(`00-${root.traceID}-${http!.id}-01`);
  expect(JSON.stringify(spans)).not.toContain('aHVzaA');
});

describe('client trace contexts', () => {
  test('system:masters: the trace is continued, sampled or not', async () => {
    for (const server of [always, never]) {
      await call(server, 'GET', '/version', { headers: { ...ADMIN, traceparent: SAMPLED } });
      const { root } = traced();
      expect(root).toMatchObject({ name: 'GET', parent: CALLER, traceID: TRACE, links: [] });
    }
  });

  test('others: a new trace linked to theirs, sampled as configured', async () => {
    const headers = { ...USER, traceparent: SAMPLED };
    await call(always, 'GET', '/version', { headers });
    const { root } = traced();
    expect(root).toMatchObject({ parent: '', links: [{ traceID: TRACE, id: CALLER }] });
    expect(root.traceID).not.toBe(TRACE);
    await call(never, 'GET', '/version', { headers });
    expect(collector.take()).toEqual([]);
  });

  test("system:masters of a control plane that shares its host's traces: as others", async () => {
    const headers = { ...ADMIN, traceparent: SAMPLED };
    const [all, none] = await Promise.all([open(1_000_000, true), open(0, true)]);
    await call(none, 'GET', '/version', { headers });
    expect(collector.take()).toEqual([]);
    await call(all, 'GET', '/version', { headers });
    expect(traced().root).toMatchObject({ parent: '', links: [{ traceID: TRACE, id: CALLER }] });
  });

  test('an invalid trace context is ignored', async () => {
    for (const traceparent of ['', 'x', `00-${'0'.repeat(32)}-${CALLER}-01`, `${SAMPLED}-more`]) {
      await call(never, 'GET', '/version', { headers: { ...ADMIN, traceparent } });
      expect(collector.take()).toEqual([]);
    }
  });
});

test.each([
  ['GET', `${MAPS}/none`, ADMIN, 404, undefined],
  ['GET', MAPS, USER, 403, undefined],
  ['PUT', `${MAPS}/none`, ADMIN, 400, undefined],
])('client errors are not server errors: %s %s', async (method, url, headers, status, error) => {
  await call(always, method, url, { headers });
  const { root } = traced();
  expect([root.attributes['http.response.status_code'], root.error]).toEqual([status, error]);
});

test('anonymous requests are not traced', async () => {
  await call(always, 'GET', MAPS, { headers: { authorization: 'Bearer wrong' } });
  expect(collector.take()).toEqual([]);
});

test('the span of a watch ends with it', async () => {
  const leave = new AbortController();
  const url = `${MAPS}?watch=true&resourceVersion=0`;
  const { body } = await send(always, 'GET', url, { headers: ADMIN, signal: leave.signal });
  const events = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await events.next();
  expect(collector.take().filter(({ parent }) => parent === '')).toEqual([]);
  leave.abort();
  while (!(await events.next()).done);
  const { root } = traced();
  expect(root.name).toBe('GET /api/v1/namespaces/{:namespace}/configmaps');
});

test('an unavailable collector delays no request, and is logged once', async () => {
  const warnings: string[] = [];
  collector.close();
  const server = await startTestServer(
    { tracingConfigFile: 'tracing' },
    {
      readFile: () =>
        `{apiVersion: apiserver.config.k8s.io/v1, kind: TracingConfiguration, endpoint: "${collector.endpoint}", samplingRatePerMillion: 1000000}`,
      frozenBetweenRequests: true,
      logger: newLogger(({ level, message }) => {
        if (level === 'warning') warnings.push(message);
      }),
    },
  );
  for (let n = 0; n < 2; n++) expect((await call(server, 'GET', '/version')).status).toBe(200);
  await server.close();
  await expect.poll(() => warnings, { timeout: 20_000 }).not.toEqual([]);
  expect(warnings).toEqual([expect.stringContaining(`traces can't be sent to ${collector.endpoint}: `)]);
});

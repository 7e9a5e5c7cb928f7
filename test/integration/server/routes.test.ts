/** Non-resource paths. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ runtimeConfig: new Map([['coordination.k8s.io/v1alpha2', 'true']]) });
});
afterAll(() => server.close());

test.each([
  ['/healthz', 200, 'ok'],
  ['/livez', 200, 'ok'],
  ['/readyz', 200, 'ok'],
  ['/readyz/ping', 200, 'ok'],
  ['/livez/etcd', 200, 'ok'],
  ['/readyz/nothing', 404, '404 page not found\n'],
])('%s', async (path, status, text) => {
  expect(await call(server, 'GET', path)).toMatchObject({ status, text });
});

test('checks are listed, and can be excluded', async () => {
  const { text } = await call(server, 'GET', '/livez?verbose&exclude=etcd&exclude=nothing');
  const lines = text.split('\n');
  expect([lines.slice(0, 5), lines.slice(-8)]).toEqual([
    [
      '[+]ping ok',
      '[+]log ok',
      '[+]loopback-serving-certificate ok',
      '[+]etcd excluded: ok',
      '[+]poststarthook/start-apiserver-admission-initializer ok',
    ],
    [
      '[+]poststarthook/apiservice-discovery-controller ok',
      '[+]poststarthook/kube-apiserver-autoregistration ok',
      '[+]autoregister-completion ok',
      '[+]poststarthook/apiservice-openapi-controller ok',
      '[+]poststarthook/apiservice-openapiv3-controller ok',
      'warn: some health checks cannot be excluded: no matches for "nothing"',
      'livez check passed',
      '',
    ],
  ]);
});

test('/metrics/slis counts check results', async () => {
  await call(server, 'GET', '/livez?exclude=log');
  const { text } = await call(server, 'GET', '/metrics/slis');
  expect(text).toContain('kubernetes_healthcheck{name="autoregister-completion",type="livez"} 1\n');
  expect(text).toMatch(/^kubernetes_healthchecks_total\{name="etcd",status="success",type="livez"\} \d+$/m);
  expect(text).not.toContain('status="error"');
});

const flagz = 'g=config.k8s.io;as=Flagz';

test.each([
  [
    '/flagz',
    '',
    200,
    'text/plain; charset=utf-8',
    /^\napiserver flagz\nWarning: .*\nadmission-control: \[\]\n/,
  ],
  [
    '/flagz',
    `application/json;v=v1beta1;${flagz}`,
    200,
    `application/json;g=config.k8s.io;v=v1beta1;as=Flagz`,
    /"apiVersion":"config.k8s.io\/v1beta1","metadata":\{"name":"apiserver"\},"flags":.*"event-ttl":"1h0m0s".*"runtime-config":"coordination.k8s.io\/v1alpha2=true"/,
  ],
  [
    '/flagz',
    'application/json',
    406,
    'application/json',
    /application\/json, application\/yaml, text\/plain"/,
  ],
  [
    '/statusz',
    'text/*',
    200,
    'text/plain; charset=utf-8',
    /\nPaths: \/flagz \/healthz \/livez \/metrics \/readyz \/statusz \/version\n$/,
  ],
  [
    '/statusz',
    'application/yaml;v=v1beta1;g=config.k8s.io;as=Statusz',
    200,
    'application/yaml;g=config.k8s.io;v=v1beta1;as=Statusz',
    /^emulationVersion: "1\.\d+"$/m,
  ],
])('%s for %s', async (path, accept, status, contentType, text) => {
  const { headers, ...answer } = await call(server, 'GET', path, { headers: accept ? { accept } : {} });
  expect([answer.status, headers['content-type']]).toEqual([status, contentType]);
  expect(answer.text).toMatch(text);
});

test('the legacy format of a page is served with a warning', async () => {
  const { headers } = await call(server, 'GET', '/flagz', {
    headers: { accept: `application/json;v=v1alpha1;${flagz}` },
  });
  expect(headers['warning']).toEqual([
    '299 - "This version of the flagz endpoint is deprecated. Please use a newer version."',
  ]);
});

test('/version', async () => {
  expect((await call(server, 'GET', '/version')).json).toMatchObject({
    major: '1',
    minor: '37',
    gitVersion: expect.stringMatching(/^v1\.37\.\d+\+zeroplane$/),
  });
});

test('/ lists paths', async () => {
  const { json } = await call(server, 'GET', '/');
  expect(json!['paths']).toEqual(
    expect.arrayContaining([
      '/api',
      '/api/v1',
      '/apis',
      '/apis/apps',
      '/apis/apps/v1',
      '/healthz',
      '/metrics',
      '/metrics/slis',
      '/openapi/v3/',
      '/version',
    ]),
  );
  expect((await call(server, 'GET', '/index.html')).json).toEqual(json);
});

test('/metrics counts requests by served resource', async () => {
  await call(server, 'GET', '/api/v1/namespaces/default/configmaps');
  await call(server, 'GET', '/api/v1/namespaces/default/made-up');
  const { text, headers } = await call(server, 'GET', '/metrics');
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  expect(text).toContain(
    'apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"} 1\n',
  );
  expect(text).not.toContain('made-up');
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
});

test('/metrics has the series used by kube-apiserver dashboards', async () => {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  const applied = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' }, spec: {} };
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  await call(server, 'PATCH', `${leases}/a?fieldManager=m&dryRun=All`, { headers, body: applied });
  await call(server, 'PATCH', `${leases}/a?fieldManager=m`, { headers, body: applied });
  await call(server, 'GET', '/apis/coordination.k8s.io/v1/leases');
  await call(server, 'GET', '/apis/coordination.k8s.io/v1alpha2/leasecandidates');
  const { text } = await call(server, 'GET', '/metrics');
  const rest =
    'group="coordination.k8s.io",resource="leases",scope="resource",subresource="",verb="APPLY",version="v1"';
  const lines = new Set(text.split('\n'));
  const expected = [
    `apiserver_request_total{code="201",component="apiserver",dry_run="All",${rest}} 1`,
    `apiserver_request_total{code="201",component="apiserver",dry_run="",${rest}} 1`,
    `apiserver_request_duration_seconds_bucket{component="apiserver",dry_run="",${rest},le="60"} 1`,
    `apiserver_request_sli_duration_seconds_bucket{component="apiserver",${rest},le="60"} 2`,
    'apiserver_requested_deprecated_apis{group="coordination.k8s.io",removed_release="1.38",resource="leasecandidates",subresource="",version="v1alpha2"} 1',
    'apiserver_request_body_size_bytes_bucket{group="coordination.k8s.io",resource="leases",verb="patch",le="50000"} 2',
    'apiserver_resource_objects{group="coordination.k8s.io",resource="leases"} 1',
    'apiserver_storage_objects{resource="leases.coordination.k8s.io"} 1',
    'apiserver_current_inflight_requests{request_kind="mutating"} 0',
    'etcd_requests_total{group="coordination.k8s.io",operation="update",resource="leases"} 1',
    'etcd_request_duration_seconds_count{group="coordination.k8s.io",operation="update",resource="leases"} 1',
    'kubernetes_feature_enabled{name="APIResponseCompression",stage="BETA"} 1',
  ];
  expect(expected.filter((line) => !lines.has(line))).toEqual([]);
  const admitted = 'operation="CREATE",rejected="false",type="admit"';
  for (const family of [
    `apiserver_admission_step_admission_duration_seconds_count{${admitted}} `,
    `apiserver_admission_controller_admission_duration_seconds_count{name="NamespaceLifecycle",${admitted}} `,
  ]) {
    expect(text).toContain(`\n${family}`);
  }
  expect(text).toMatch(
    /^kubernetes_build_info\{build_date="[^"]+",compiler="node",.*,git_version="v1\.\d+\.\d+\+zeroplane",go_version="go[^"]+",major="1",minor="\d+",platform="[^"]+"\} 1$/m,
  );
});

test('every family has a help text', async () => {
  const { text } = await call(server, 'GET', '/metrics');
  const families = (word: string) =>
    [...text.matchAll(new RegExp(`^# ${word} (\\S+) \\S`, 'gm'))].map(([, name]) => name);
  expect(families('HELP')).toEqual(families('TYPE'));
});

test('a draining server ends its watches with a notice, and keeps responding', async () => {
  expect(await eventsUntil(4, server, () => server.drain())).toBe(4);
  const { status, text } = await call(server, 'GET', '/readyz');
  expect(status).toBe(500);
  expect(text).toContain('[-]shutdown failed: reason withheld\n');
  expect((await send(server, 'GET', '/livez')).status).toBe(200);
  expect((await send(server, 'GET', '/api/v1/namespaces')).status).toBe(200);
});

test('warnings are sent as UTF-8', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'w' }, größe: 1 };
  const { headers } = await call(server, 'POST', '/api/v1/namespaces/default/configmaps?dryRun=All', {
    body,
  });
  const [warning] = headers['warning'] as string[];
  expect(Buffer.from(warning!, 'latin1').toString()).toBe('299 - "unknown field \\"größe\\""');
});

test('a server that closes ends its watches', async () => {
  const other = await startTestServer();
  expect(await eventsUntil(4, other, () => other.close())).toBe(4);
});

/** Watches until `end`, called at the event of that number, ends it; returns the number of events. */
async function eventsUntil(
  number: number,
  { handler }: TestServer,
  end: () => void | Promise<void>,
): Promise<number> {
  const response = await send({ handler }, 'GET', '/api/v1/namespaces?watch=1');
  let events = 0;
  for await (const _ of response.body as AsyncIterable<Uint8Array>) if (++events === number) await end();
  return events;
}

/** A remote API server behind an APIService: discovery, proxying, identity, availability. */

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiRequest } from '../../../shared/request/api-request.ts';
import { issueCertificate, type KeyPair } from '../../../shared/util/issue-certificate.ts';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const GROUP = 'metrics.example.com';
const USER = {
  name: 'jane',
  uid: '42',
  groups: ['dev', 'system:authenticated'],
  extra: { 'example.com/Scope': ['a', 'b'] },
};

let server: TestServer;
let remote: Server;
let ca: KeyPair;
let healthy = true;
let address: string;

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${GROUP}/v1`,
  resources: [
    { name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: ['get', 'list'] },
    { name: 'things/status', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] },
  ],
};

beforeAll(async () => {
  ca = await issueCertificate({ name: 'CN=remote-ca', usage: 'ca' });
  const pair = await issueCertificate(
    { name: 'CN=remote', usage: 'server', hosts: ['metrics.monitoring.svc'] },
    ca,
  );
  remote = createServer({ cert: pair.certificate, key: pair.key }, async (request, response) => {
    if (!healthy) return void response.writeHead(500).end();
    if (request.url === `/apis/${GROUP}/v1`) {
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(RESOURCES));
    }
    if (request.url?.endsWith('/upgraded')) {
      return void request.socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n',
      );
    }
    if (request.url?.endsWith('/elsewhere')) {
      return void response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end();
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name.startsWith('x-remote')),
    );
    response.writeHead(201, { 'content-type': 'application/json', 'x-thing': '1', connection: 'keep-alive' });
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve));
  const { port } = remote.address() as AddressInfo;
  address = `https://127.0.0.1:${port}`;
  server = await startTestServer(
    { serviceEndpoints: new Map([['monitoring/metrics', address]]) },
    {
      authenticator: { authenticateRequest: async (_request: ApiRequest) => ({ user: USER, audiences: [] }) },
    },
  );
});
afterAll(async () => {
  await server.close();
  remote.closeAllConnections();
  remote.close();
});

const APISERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const apiService = (spec: object = {}) => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `v1.${GROUP}` },
  spec: {
    group: GROUP,
    version: 'v1',
    groupPriorityMinimum: 100,
    versionPriority: 10,
    service: { namespace: 'monitoring', name: 'metrics' },
    caBundle: Buffer.from(ca.certificate).toString('base64'),
    ...spec,
  },
});
const reconcile = async () => {
  expect(await server.reconcile({ patienceMs: 0 })).toEqual([]);
};

test('every built-in version has an APIService', async () => {
  const { json } = await call(server, 'GET', `${APISERVICES}/v1.apps`);
  expect(json).toMatchObject({
    metadata: { name: 'v1.apps', labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  });
});

test('an invalid APIService is rejected', async () => {
  const body = {
    ...apiService({ groupPriorityMinimum: 0, insecureSkipTLSVerify: true }),
    metadata: { name: 'x', generateName: 'y-', finalizers: ['any'] },
  };
  const { status, json } = await call(server, 'POST', APISERVICES, { body });
  expect(status).toBe(422);
  expect((json!['details'] as { causes: { field: string; message: string }[] }).causes).toEqual([
    {
      reason: 'FieldValueInvalid',
      field: 'metadata.generateName',
      message: `Invalid value: "y-": must be \`spec.version+"."+spec.group\`: "v1.${GROUP}"`,
    },
    {
      reason: 'FieldValueInvalid',
      field: 'metadata.name',
      message: `Invalid value: "x": must be \`spec.version+"."+spec.group\`: "v1.${GROUP}"`,
    },
    {
      reason: 'FieldValueInvalid',
      field: 'spec.groupPriorityMinimum',
      message: 'Invalid value: 0: must be positive and less than 20000',
    },
    {
      reason: 'FieldValueInvalid',
      field: 'spec.insecureSkipTLSVerify',
      message: 'Invalid value: true: may not be true if caBundle is present',
    },
  ]);
});

test('a remote group is available when its server responds', async () => {
  const created = await call(server, 'POST', APISERVICES, { body: apiService() });
  expect(created).toMatchObject({ status: 201, json: { spec: { service: { port: 443 } } } });
  const before = await call(server, 'GET', `/apis/${GROUP}/v1/namespaces/default/things`);
  expect(before).toMatchObject({ status: 503, text: 'service unavailable\n' });
  await reconcile();
  expect((await call(server, 'GET', `${APISERVICES}/v1.${GROUP}`)).json).toMatchObject({
    status: {
      conditions: [{ type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' }],
    },
  });
});

test('requests are forwarded with the user and without credentials', async () => {
  const url = `/apis/${GROUP}/v1/namespaces/default/things/a%20b?x=1&x=2`;
  const headers = {
    authorization: 'Bearer secret',
    'x-remote-user': 'admin',
    'x-remote-group': 'system:masters',
  };
  const answer = await call(server, 'POST', url, { headers, body: { hello: 'there' } });
  expect(answer).toMatchObject({
    status: 201,
    headers: { 'x-thing': '1', 'content-type': 'application/json' },
  });
  expect(answer.headers['connection']).toBeUndefined();
  expect(answer.json).toEqual({
    method: 'POST',
    url,
    headers: {
      'x-remote-user': 'jane',
      'x-remote-uid': '42',
      'x-remote-group': 'dev, system:authenticated',
      'x-remote-extra-example.com%2fscope': 'a, b',
    },
    body: '{"hello":"there"}',
  });
});

test('a redirect is not followed', async () => {
  const answer = await call(server, 'GET', `/apis/${GROUP}/v1/things/elsewhere`);
  expect(answer).toMatchObject({
    status: 502,
    text: 'the backend attempted to redirect this request, which is not permitted',
  });
  expect(answer.headers['location']).toBeUndefined();
});

test('a server that switches protocols unasked is answered for at once', async () => {
  const answer = await call(server, 'GET', `/apis/${GROUP}/v1/things/upgraded`);
  expect([answer.status, answer.text]).toEqual([
    503,
    'error trying to reach service: connection closed without a response\n',
  ]);
});

test("discovery lists the remote server's resources", async () => {
  const groups = await call(server, 'GET', '/apis');
  expect((groups.json!['groups'] as { name: string }[]).map(({ name }) => name)).toContain(GROUP);
  expect((await call(server, 'GET', `/apis/${GROUP}`)).json).toMatchObject({
    kind: 'APIGroup',
    name: GROUP,
    preferredVersion: { groupVersion: `${GROUP}/v1`, version: 'v1' },
  });
  expect((await call(server, 'GET', `/apis/${GROUP}/v1`)).json).toEqual(RESOURCES);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = await call(server, 'GET', '/apis', { headers: { accept } });
  const items = aggregated.json!['items'] as { metadata: { name: string }; versions: unknown[] }[];
  expect(items.find(({ metadata }) => metadata.name === GROUP)?.versions).toEqual([
    {
      version: 'v1',
      freshness: 'Current',
      resources: [
        {
          resource: 'things',
          responseKind: { group: GROUP, version: 'v1', kind: 'Thing' },
          scope: 'Namespaced',
          singularResource: 'thing',
          verbs: ['get', 'list'],
          subresources: [
            {
              subresource: 'status',
              responseKind: { group: GROUP, version: 'v1', kind: 'Thing' },
              verbs: ['get'],
            },
          ],
        },
      ],
    },
  ]);
});

test('a failing server is unavailable, without effect on others', async () => {
  healthy = false;
  await reconcile();
  const url = `${address}/apis/${GROUP}/v1`;
  const condition = {
    type: 'Available',
    status: 'False',
    reason: 'FailedDiscoveryCheck',
    message: `failing or missing response from ${url}: bad status from ${url}: 500`,
  };
  expect((await call(server, 'GET', `${APISERVICES}/v1.${GROUP}`)).json).toMatchObject({
    status: { conditions: [condition] },
  });
  expect((await send(server, 'GET', `/apis/${GROUP}/v1/things`)).status).toBe(503);
  expect((await send(server, 'GET', '/apis/apps/v1/deployments')).status).toBe(200);
  const { text } = await call(server, 'GET', '/metrics');
  expect(text.split('\n').filter((line) => line.startsWith('aggregator_unavailable_apiservice'))).toEqual([
    `aggregator_unavailable_apiservice{name="v1.${GROUP}"} 1`,
    `aggregator_unavailable_apiservice_total{name="v1.${GROUP}",reason="FailedDiscoveryCheck"} 1`,
  ]);
  expect(server.errors).toEqual([]);
});

test('an APIService reports errors of its Service as it changes', async () => {
  const name = 'v1.other.example.com';
  const service = { namespace: 'default', name: 'other', port: 1 };
  const body = { ...apiService({ group: 'other.example.com', service }), metadata: { name } };
  await call(server, 'POST', APISERVICES, { body });
  const condition = async () => {
    await reconcile();
    const { json } = await call(server, 'GET', `${APISERVICES}/${name}`);
    const [{ status, reason, message } = {}] = (
      json as unknown as { status: { conditions: { [field: string]: string }[] } }
    ).status.conditions;
    return [status, reason, message];
  };
  const where = 'service/other in "default"';
  expect(await condition()).toEqual(['False', 'ServiceNotFound', `${where} is not present`]);
  const services = '/api/v1/namespaces/default/services';
  const metadata = { name: 'other' };
  await call(server, 'POST', services, { body: { metadata, spec: { ports: [{ port: 80 }] } } });
  expect(await condition()).toEqual(['False', 'ServicePortError', `${where} is not listening on port 1`]);
  const ports = [{ name: 'https', port: 1 }];
  await call(server, 'PUT', `${services}/other`, { body: { metadata, spec: { ports } } });
  expect(await condition()).toEqual([
    'False',
    'EndpointsNotFound',
    `cannot find endpointslices for ${where}`,
  ]);
  const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  const slice = {
    metadata: { name: 'other', labels: { 'kubernetes.io/service-name': 'other' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: false } }],
    ports,
  };
  await call(server, 'POST', slices, { body: slice });
  expect(await condition()).toEqual([
    'False',
    'MissingEndpoints',
    `endpointslices for ${where} have no addresses with port name "https"`,
  ]);
  // An external name is called regardless of its ports and endpoints.
  const spec = { type: 'ExternalName', externalName: '127.0.0.1' };
  await call(server, 'PUT', `${services}/other`, { body: { metadata, spec } });
  const url = 'https://127.0.0.1:1/apis/other.example.com/v1';
  expect(await condition()).toEqual([
    'False',
    'FailedDiscoveryCheck',
    `failing or missing response from ${url}: Get "${url}": dial tcp 127.0.0.1:1: connect: connection refused`,
  ]);
});

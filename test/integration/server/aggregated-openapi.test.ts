/** OpenAPI documents of a server behind an APIService, among those of the others. */

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const GROUP = 'metrics.example.com';
const PATH = `apis/${GROUP}/v1`;
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const THING = {
  type: 'object',
  properties: { metadata: { $ref: `#/definitions/${META}` }, size: { type: 'integer' } },
};

let server: TestServer;
let remote: Server;
let state = 'A';
const asked: string[] = [];

const ANSWERS: Readonly<Record<string, () => object>> = {
  [`/apis/${GROUP}/v1`]: () => ({ kind: 'APIResourceList', groupVersion: `${GROUP}/v1`, resources: [] }),
  '/openapi/v3': () => ({
    paths: {
      [PATH]: { serverRelativeURL: `/openapi/v3/${PATH}?hash=${state}` },
      version: { serverRelativeURL: '/openapi/v3/version?hash=B' },
    },
  }),
  [`/openapi/v3/${PATH}?hash=A`]: () => ({ openapi: '3.0.0', info: { title: 'Things' }, paths: {} }),
  '/openapi/v2': () => ({
    swagger: '2.0',
    paths: {
      [`/apis/${GROUP}/v1/things`]: {
        get: {
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/com.example.Thing' } } },
        },
      },
      '/version/': { get: { responses: {} } },
    },
    definitions: { 'com.example.Thing': THING, [META]: { type: 'object' }, Unused: {} },
  }),
};

beforeAll(async () => {
  const ca = await issueCertificate({ name: 'CN=remote-ca', usage: 'ca' });
  const pair = await issueCertificate(
    { name: 'CN=remote', usage: 'server', hosts: ['metrics.monitoring.svc'] },
    ca,
  );
  remote = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    asked.push(String(request.url));
    const answer = ANSWERS[String(request.url)];
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer()));
  });
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve));
  const { port } = remote.address() as AddressInfo;
  server = await startTestServer({
    serviceEndpoints: new Map([['monitoring/metrics', `https://127.0.0.1:${port}`]]),
  });
  await call(server, 'POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
    body: {
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
      },
    },
  });
});
afterAll(async () => {
  await server.close();
  remote.closeAllConnections();
  remote.close();
});

const paths = async () =>
  (await call(server, 'GET', '/openapi/v3')).json!['paths'] as Record<string, { serverRelativeURL: string }>;

test('an unavailable server has no document', async () => {
  expect(await paths()).not.toHaveProperty([PATH]);
  expect(asked).toEqual([]);
});

test('its document is served under a URL of its state', async () => {
  expect(await server.reconcile({ patienceMs: 0 })).toEqual([]);
  const url = (await paths())[PATH]!.serverRelativeURL;
  const answer = await call(server, 'GET', url);
  expect(answer).toMatchObject({ status: 200, json: { info: { title: 'Things' } } });
  // It may describe only its own group version.
  const version = await call(server, 'GET', (await paths())['version']!.serverRelativeURL);
  expect(version.json).toMatchObject({ info: { title: 'Kubernetes' } });
});

test('it is part of the aggregated document', async () => {
  const { json } = await call(server, 'GET', '/openapi/v2');
  const document = json as { paths: Record<string, object>; definitions: Record<string, object> };
  expect(document.paths[`/apis/${GROUP}/v1/things`]).toMatchObject({ get: {} });
  expect(document.paths['/version/']).toMatchObject({ get: { operationId: 'getCodeVersion' } });
  expect(document.definitions['com.example.Thing']).toMatchObject({
    properties: { metadata: { $ref: `#/definitions/${META}_v2` } },
  });
  expect(document.definitions[`${META}_v2`]).toEqual({ type: 'object' });
  expect(document.definitions).not.toHaveProperty(['Unused']);
});

test('a failed fetch is retried only after a while', async () => {
  state = 'C';
  asked.length = 0;
  await call(server, 'GET', '/openapi/v2');
  await paths();
  expect(asked).toEqual([]);
});

/** Every way in which an object or a flag makes the server connect to an address, with a fleet's guard. */

import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import {
  call as send,
  startTestServer,
  type TestRequest,
  type TestServer,
} from '../../fixtures/api-server.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

/** A server on loopback, which must not be reachable. */
let target: WebhookServer;
beforeAll(async () => {
  target = await startWebhookServer(await testAuthority(), { names: ['localhost', 'inner.default.svc'] });
});
afterAll(() => target.close());

/** Sends a request as an admin by default. */
const call = (server: TestServer, method: string, path: string, request: TestRequest = {}) =>
  send(server, method, path, { ...request, headers: { authorization: 'Bearer admin', ...request.headers } });

const LOOPBACK = { labels: { 'kubernetes.io/service-name': 'inner' } };

/** Takes the way, and returns the message if it is blocked. */
type Way = (server: TestServer) => Promise<unknown>;

const client = (more: object) => ({ ...more, caBundle: target.caBundle });
const byURL = (host: string) => client({ url: `https://${host}:${target.port}/hook` });
const byService = () =>
  client({ service: { namespace: 'default', name: 'inner', path: '/hook', port: target.port } });

const create = async (server: TestServer, path: string, body: object) => {
  const { status, json, text } = await call(server, 'POST', path, { body });
  if (status !== 201) throw new Error(`${path}: ${text}`);
  return json;
};

/** The message of a write that a webhook with this address must admit. */
const admission =
  (clientConfig: () => object): Way =>
  async (server) => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    await create(server, path, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hook' },
      webhooks: [
        {
          name: 'hook.example.com',
          clientConfig: clientConfig(),
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
          ],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 5,
        },
      ],
    });
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } };
    const { json } = await call(server, 'POST', '/api/v1/namespaces/default/configmaps', { body: configMap });
    await call(server, 'DELETE', `${path}/hook`);
    return json?.['message'] ?? json?.['kind'];
  };

const service = async (server: TestServer, spec: object, address?: string) => {
  await create(server, '/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'inner' },
    spec: { ports: [{ port: target.port }], ...spec },
  });
  if (address === undefined) return;
  await create(server, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'inner', ...LOOPBACK },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address] }],
    ports: [{ port: target.port, name: '' }],
  });
};
const removeService = async (server: TestServer) => {
  await call(server, 'DELETE', '/api/v1/namespaces/default/services/inner');
  await call(server, 'DELETE', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/inner');
};

const externalName: Way = async (server) => {
  await service(server, { type: 'ExternalName', externalName: 'localhost' });
  const said = await admission(byService)(server);
  await removeService(server);
  return said;
};

const conversion: Way = async (server) => {
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  });
  const group = 'guard.example.com';
  await create(server, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [version('v1', true), version('v2', false)],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: byURL('localhost'), conversionReviewVersions: ['v1'] },
      },
    },
  });
  const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'x' } };
  await create(server, `/apis/${group}/v1/things`, thing);
  const { json } = await call(server, 'GET', `/apis/${group}/v2/things/x`);
  return json?.['message'];
};

const remoteServer: Way = async (server) => {
  await service(server, { type: 'ExternalName', externalName: 'localhost' });
  const group = 'remote.example.com';
  const path = '/apis/apiregistration.k8s.io/v1/apiservices';
  await create(server, path, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `v1.${group}` },
    spec: {
      ...{ group, version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 },
      service: { namespace: 'default', name: 'inner', port: target.port },
      caBundle: target.caBundle,
    },
  });
  await server.reconcile({ patienceMs: 0 });
  const { json } = await call(server, 'GET', `${path}/v1.${group}`);
  await removeService(server);
  const { conditions } = json!['status'] as { conditions: { type: string; message: string }[] };
  return conditions.find(({ type }) => type === 'Available')?.message;
};

const issuer: Way = async (server) => {
  const token = await new SignJWT({ iss: `https://localhost:${target.port}`, aud: 'me', sub: 'anna' })
    .setProtectedHeader({ alg: 'RS256', kid: 'a' })
    .sign((await generateKeyPair('RS256')).privateKey);
  const headers = { authorization: `Bearer ${token}` };
  return (await call(server, 'GET', '/api', { headers })).json?.['message'];
};

const WAYS: [string, Way, refused: string][] = [
  [
    'a webhook by name',
    admission(() => byURL('localhost')),
    'dial tcp: lookup localhost: address not allowed',
  ],
  [
    'a webhook by address',
    admission(() => byURL('127.0.0.1')),
    'dial tcp 127.0.0.1:PORT: address not allowed',
  ],
  [
    'a webhook by the endpoints of its Service',
    async (server) => {
      await service(server, {}, '10.255.255.1');
      const said = await admission(byService)(server);
      await removeService(server);
      return said;
    },
    'dial tcp 10.255.255.1:PORT: address not allowed',
  ],
  ['a webhook by an external name', externalName, 'dial tcp: lookup localhost: address not allowed'],
  ['a conversion webhook', conversion, 'dial tcp: lookup localhost: address not allowed'],
  ['a remote API server', remoteServer, 'dial tcp: lookup localhost: address not allowed'],
  ['an OpenID issuer', issuer, 'Unauthorized'],
];

const start = (allowed: readonly string[]) =>
  startTestServer(
    {
      oidcIssuerURL: `https://localhost:${target.port}`,
      oidcClientID: 'me',
      oidcCAFile: '/issuer.crt',
      tokenAuthFile: '/tokens.csv',
      authorizationMode: ['AlwaysAllow'],
    },
    {
      addresses: publicAddresses(allowed),
      authenticator: undefined,
      readFile: (path) =>
        path === '/tokens.csv'
          ? 'admin,admin,1,system:masters'
          : Buffer.from(target.caBundle, 'base64').toString(),
    },
  );

describe('in a fleet', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start([]);
  });
  afterAll(() => server.close());

  test.each(WAYS)("%s can't reach the host", async (_, take, refused) => {
    const before = target.connections();
    expect(await take(server)).toContain(refused.replace('PORT', String(target.port)));
    expect(target.connections()).toBe(before);
  });
});

describe('where loopback is allowed', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start(['127.0.0.0/8', '::1/128']);
  });
  afterAll(() => server.close());
  beforeEach(() =>
    target.behave(({ request }, response) => {
      if (request !== undefined) return { allowed: true };
      response.writeHead(404).end();
      return undefined;
    }),
  );

  // Except for the endpoint, which has no server; the certificate is for `localhost`.
  test.each(WAYS.filter(([name]) => !/endpoints|address/.test(name)))('%s connects', async (_, take) => {
    const before = target.connections();
    await take(server);
    expect(target.connections()).toBeGreaterThan(before);
  });
});

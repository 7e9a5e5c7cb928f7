/** Objects of another API server that own local ones, are in local namespaces, or are parameters of policies. */

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const VERSION = 'metrics.example.com/v1';
const VERBS = ['delete', 'get', 'list', 'patch', 'update'];
const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: VERSION,
  resources: [{ name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: VERBS }],
};

interface Thing {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

/** By path. */
const things = new Map<string, Thing>();
const patched: string[] = [];
let isDown = false;
let remote: Server;
let server: TestServer;

const pathOf = (namespace: string, name: string) => `/apis/${VERSION}/namespaces/${namespace}/things/${name}`;

function addThing(namespace: string, name: string): Thing {
  const resourceVersion = String(things.size + 1);
  const thing = { metadata: { namespace, name, uid: `uid-of-${name}`, resourceVersion } };
  things.set(pathOf(namespace, name), thing);
  return thing;
}

/** The remote server's response: status code and body. */
function answer(method: string, url: string): [number, unknown] {
  if (isDown) return [500, {}];
  if (url === `/apis/${VERSION}`) return [200, RESOURCES];
  const [path = ''] = url.split('?');
  const thing = things.get(path);
  if (thing !== undefined) {
    if (method === 'DELETE') things.delete(path);
    if (method === 'PATCH') patched.push(path);
    return [200, thing];
  }
  if (!path.endsWith('/things')) {
    return [404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }];
  }
  const items = [...things]
    .filter(([one]) => path === `/apis/${VERSION}/things` || one.startsWith(`${path}/`))
    .map(([, one]) => one);
  return [200, { kind: 'ThingList', apiVersion: VERSION, metadata: {}, items }];
}

beforeAll(async () => {
  const ca = await issueCertificate({ name: 'CN=remote-ca', usage: 'ca' });
  const hosts = ['metrics.monitoring.svc'];
  const pair = await issueCertificate({ name: 'CN=remote', usage: 'server', hosts }, ca);
  remote = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const [code, body] = answer(request.method!, request.url!);
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve));
  const address = `https://127.0.0.1:${(remote.address() as AddressInfo).port}`;
  server = await startTestServer({ serviceEndpoints: new Map([['monitoring/metrics', address]]) });
  const [group, version] = VERSION.split('/');
  const service = { namespace: 'monitoring', name: 'metrics' };
  const caBundle = Buffer.from(ca.certificate).toString('base64');
  const spec = { group, version, groupPriorityMinimum: 100, versionPriority: 10, service, caBundle };
  const body = { metadata: { name: `${version}.${group}` }, spec };
  const made = await call(server, 'POST', '/apis/apiregistration.k8s.io/v1/apiservices', { body });
  expect(made.status).toBe(201);
});
beforeEach(async () => {
  things.clear();
  isDown = false;
  await settle();
});
afterAll(async () => {
  await server.close();
  remote.closeAllConnections();
  remote.close();
});

/** Runs all controllers twice, since the first run causes further changes. */
async function settle(): Promise<string[]> {
  const failures = [
    ...(await server.reconcile({ patienceMs: 0 })),
    ...(await server.reconcile({ patienceMs: 0 })),
  ];
  return failures.map(({ controller, key }) => `${controller} ${key}`);
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const code = async (path: string) => (await call(server, 'GET', path)).status;

async function addOwned(name: string, { metadata }: Thing): Promise<string> {
  const owner = { apiVersion: VERSION, kind: 'Thing', name: metadata.name, uid: metadata.uid };
  const body = { metadata: { name, ownerReferences: [owner] } };
  expect((await call(server, 'POST', CONFIG_MAPS, { body })).status).toBe(201);
  return `${CONFIG_MAPS}/${name}`;
}

test("dependents of another server's object are kept as long as it exists", async () => {
  const owned = await addOwned('owned', addThing('default', 'owner'));
  expect(await settle()).toEqual([]);
  expect(await code(owned)).toBe(200);
  things.clear();
  expect(await settle()).toEqual([]);
  expect(await code(owned)).toBe(404);
});

test('dependents of an owner whose uid has changed are collected', async () => {
  const thing = addThing('default', 'made-again');
  const owned = await addOwned('of-the-first', { metadata: { ...thing.metadata, uid: 'another' } });
  expect(await settle()).toEqual([]);
  expect(await code(owned)).toBe(404);
});

test('nothing is collected while the other server is unavailable', async () => {
  const owned = await addOwned('waiting', addThing('default', 'unseen'));
  things.clear();
  isDown = true;
  await settle();
  expect(await code(owned)).toBe(200);
  isDown = false;
  await settle();
  expect(await settle()).toEqual([]);
  expect(await code(owned)).toBe(404);
});

test('a namespace is deleted with the objects of another server', async () => {
  await call(server, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'shop' } } });
  addThing('shop', 'a');
  addThing('shop', 'b');
  addThing('default', 'c');
  await call(server, 'DELETE', '/api/v1/namespaces/shop');
  expect(await settle()).toEqual([]);
  expect([await code('/api/v1/namespaces/shop'), [...things.keys()]]).toEqual([
    404,
    [pathOf('default', 'c')],
  ]);
});

test('a namespace is kept until the objects of another server are known', async () => {
  await call(server, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'stay' } } });
  addThing('stay', 'a');
  isDown = true;
  await settle();
  await call(server, 'DELETE', '/api/v1/namespaces/stay');
  await settle();
  const { json } = await call(server, 'GET', '/api/v1/namespaces/stay');
  const conditions = (json!['status'] as { conditions: { type: string }[] }).conditions;
  expect(conditions.find(({ type }) => type === 'NamespaceDeletionDiscoveryFailure')).toMatchObject({
    status: 'True',
    reason: 'DiscoveryFailed',
    message:
      'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ' +
      `${VERSION}: stale GroupVersion discovery: ${VERSION}`,
  });
  isDown = false;
  await settle();
  expect(await settle()).toEqual([]);
  expect([await code('/api/v1/namespaces/stay'), things.size]).toEqual([404, 0]);
});

test("a migration of another server's resource makes that server rewrite it", async () => {
  addThing('default', 'a');
  addThing('default', 'b');
  const spec = { resource: { group: 'metrics.example.com', resource: 'things' } };
  const migrations = '/apis/storagemigration.k8s.io/v1/storageversionmigrations';
  await call(server, 'POST', migrations, { body: { metadata: { name: 'things' }, spec } });
  expect(await settle()).toEqual([]);
  const { json } = await call(server, 'GET', `${migrations}/things`);
  const { conditions } = json!['status'] as { conditions: { type: string; status: string }[] };
  expect([conditions.find(({ type }) => type === 'Succeeded')?.status, patched]).toEqual([
    'True',
    [pathOf('default', 'a'), pathOf('default', 'b')],
  ]);
});

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Creates a policy whose parameters are Things, and returns the message of a ConfigMap's rejection, if any. */
async function judged(name: string, paramRef: object): Promise<unknown> {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
  const policy = {
    metadata: { name },
    spec: {
      paramKind: { apiVersion: VERSION, kind: 'Thing' },
      matchConstraints: { resourceRules: [{ ...rule, resourceNames: [name] }] },
      validations: [
        { expression: "params.metadata.uid == ''", messageExpression: "'judged by ' + params.metadata.uid" },
      ],
    },
  };
  const binding = { metadata: { name }, spec: { policyName: name, validationActions: ['Deny'], paramRef } };
  for (const [resource, body] of [
    ['validatingadmissionpolicies', policy],
    ['validatingadmissionpolicybindings', binding],
  ] as const) {
    expect((await call(server, 'POST', `${ADMISSION}/${resource}`, { body })).status).toBe(201);
  }
  const { json } = await call(server, 'POST', `${CONFIG_MAPS}?dryRun=All`, { body: { metadata: { name } } });
  return json!['message'];
}

test.each([
  ['by-name', { name: 'a', parameterNotFoundAction: 'Deny' }, 'judged by uid-of-a'],
  [
    'in-a-namespace',
    { name: 'b', namespace: 'other', parameterNotFoundAction: 'Deny' },
    'judged by uid-of-b',
  ],
  ['all', { selector: {}, parameterNotFoundAction: 'Deny' }, 'judged by uid-of-a'],
  [
    'none-selected',
    { selector: { matchLabels: { no: 'such' } }, parameterNotFoundAction: 'Deny' },
    'no params found for policy binding with `Deny` parameterNotFoundAction',
  ],
  [
    'missing',
    { name: 'c', parameterNotFoundAction: 'Deny' },
    'no params found for policy binding with `Deny` parameterNotFoundAction',
  ],
  ['allowed', { name: 'c', parameterNotFoundAction: 'Allow' }, undefined],
])('parameters of policies, %s', async (name, paramRef, said) => {
  addThing('default', 'a');
  addThing('other', 'b');
  const message = await judged(name, paramRef);
  if (said === undefined) expect(message).toBeUndefined();
  else expect(message).toContain(said);
});

test('an unavailable server rejects what its parameters would judge', async () => {
  isDown = true;
  expect(await judged('down', { name: 'a', parameterNotFoundAction: 'Allow' })).toContain(
    'failed to configure binding',
  );
});

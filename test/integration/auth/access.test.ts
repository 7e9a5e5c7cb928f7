import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../shared/audit/event.ts';
import { ClusterRoleAggregation } from '../../../shared/controllers/cluster-role/cluster-role-aggregation.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-auth-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const auditLogPath = join(folder, 'audit.log');

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(
    {
      authorizationMode: ['RBAC'],
      runtimeConfig: new Map([['policy/v1beta1', 'true']]),
      tokenAuthFile: file(
        'tokens.csv',
        'admin,root,0,system:masters\nanna,anna,1,dev\nshop,shopkeeper,2\nview,viewer,3\n',
      ),
      serviceAccountSigningKeyFile: file(
        'sa.key',
        privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      ),
      serviceAccountKeyFile: [join(folder, 'sa.key')],
      serviceAccountIssuer: ['https://issuer.example'],
      apiAudiences: ['https://issuer.example'],
      auditPolicyFile: file(
        'policy.yaml',
        'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources: [{resources: [secrets]}]\n- level: RequestResponse\n  resources: [{resources: [configmaps, services]}]\n- level: RequestResponse\n  nonResourceURLs: [/apis]\n- level: Metadata\n',
      ),
      auditLogPath,
    },
    { authenticator: undefined },
  );
  await as('admin', 'POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
  await bind('shop', 'shopkeeper-admin', 'admin', 'shopkeeper');
  await as('admin', 'POST', `${RBAC}/clusterrolebindings`, {
    metadata: { name: 'viewer' },
    subjects: [{ kind: 'User', name: 'viewer', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' },
  });
  // `admin` aggregates `edit`, which aggregates `view`.
  const aggregation = new ClusterRoleAggregation(server.resources);
  for (let round = 1; round <= 3; round++) await aggregation.reconcile();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const as = (
  token: string | undefined,
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
) =>
  call(server, method, url, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    body,
  });
const bind = (namespace: string, name: string, role: string, user: string) =>
  as('admin', 'POST', `${RBAC}/namespaces/${namespace}/rolebindings`, {
    metadata: { name },
    subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'ClusterRole', name: role, apiGroup: 'rbac.authorization.k8s.io' },
  });
const events = (): AuditEvent[] =>
  readFileSync(auditLogPath, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('authentication', () => {
  test.each([
    ['no credentials', undefined, '/api', 403, 'forbidden: User "system:anonymous" cannot get path "/api"'],
    ['no credentials, for public paths', undefined, '/version', 200, undefined],
    ['an invalid token', 'wrong', '/version', 401, 'Unauthorized'],
    ['a valid token', 'anna', '/api', 200, undefined],
    [
      'a valid token without permission',
      'anna',
      '/api/v1/namespaces/shop/configmaps',
      403,
      'configmaps is forbidden: User "anna" cannot list resource "configmaps" in API group "" in the namespace "shop"',
    ],
    [
      'a valid token, at cluster scope',
      'anna',
      `${RBAC}/clusterroles/admin`,
      403,
      'clusterroles.rbac.authorization.k8s.io "admin" is forbidden: User "anna" cannot get resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    ],
  ])('%s', async (_name, token, url, status, message) => {
    const answer = await as(token, 'GET', url);
    expect(answer.status).toBe(status);
    if (message !== undefined) expect(answer.json?.['message']).toBe(message);
  });
});

describe('permissions of the default roles', () => {
  const table: [string, string, string, number][] = [
    ['shop', 'POST', '/api/v1/namespaces/shop/configmaps', 201],
    ['shop', 'POST', '/api/v1/namespaces/default/configmaps', 403],
    ['shop', 'GET', '/api/v1/namespaces/shop/secrets', 200],
    ['shop', 'GET', '/api/v1/secrets', 403],
    ['shop', 'DELETE', '/api/v1/namespaces/shop/configmaps/nothing', 404],
    ['view', 'GET', '/api/v1/namespaces/shop/configmaps', 200],
    ['view', 'GET', '/api/v1/configmaps', 200],
    ['view', 'GET', '/api/v1/namespaces/shop/secrets', 403],
    ['view', 'POST', '/api/v1/namespaces/shop/configmaps', 403],
    ['view', 'GET', `${RBAC}/clusterroles`, 403],
    ['admin', 'GET', `${RBAC}/clusterroles`, 200],
  ];
  test.each(table)('%s %s %s: %i', async (token, method, url, status) => {
    const body = method === 'POST' ? { metadata: { name: `x-${token}` } } : undefined;
    expect((await as(token, method, url, body)).status).toBe(status);
  });
});

describe('impersonation', () => {
  test("permitted callers become the other user, with that user's rights only", async () => {
    const whoami = await as(
      'admin',
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      {},
      { 'impersonate-user': 'eve', 'impersonate-group': 'ops' },
    );
    expect(whoami.json).toMatchObject({
      status: { userInfo: { username: 'eve', groups: ['ops', 'system:authenticated'] } },
    });
    expect(
      (await as('admin', 'GET', '/api/v1/secrets', undefined, { 'impersonate-user': 'eve' })).status,
    ).toBe(403);
  });

  test('other callers are denied', async () => {
    const answer = await as('anna', 'GET', '/version', undefined, { 'impersonate-user': 'root' });
    expect(answer.json?.['message']).toBe(
      'forbidden: User "anna" cannot impersonate-on:user-info:get path "/version"',
    );
    expect((await as(undefined, 'GET', '/version', undefined, { 'impersonate-user': 'root' })).status).toBe(
      403,
    );
  });

  test("front proxy headers are ignored without the proxy's certificate", async () => {
    expect(
      (
        await as(undefined, 'GET', '/api/v1/secrets', undefined, {
          'x-remote-user': 'root',
          'x-remote-group': 'system:masters',
        })
      ).status,
    ).toBe(403);
  });
});

describe('reviews', () => {
  const review = (token: string, kind: string, spec: unknown) =>
    as(token, 'POST', `/apis/authorization.k8s.io/v1/${kind}`, { spec });

  test('every user may review its own access', async () => {
    const allowed = await review('anna', 'selfsubjectaccessreviews', {
      nonResourceAttributes: { verb: 'get', path: '/version' },
    });
    expect(allowed.json?.['status']).toEqual({
      allowed: true,
      reason: expect.stringMatching(/^RBAC: allowed by ClusterRoleBinding "system:/),
    });
    const refused = await review('anna', 'selfsubjectaccessreviews', {
      resourceAttributes: { verb: 'list', resource: 'secrets' },
    });
    expect(refused.json?.['status']).toEqual({ allowed: false });
    const rules = await review('anna', 'selfsubjectrulesreviews', { namespace: 'shop' });
    expect(rules.json?.['status']).toMatchObject({
      incomplete: false,
      resourceRules: expect.arrayContaining([
        { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
      ]),
    });
  });

  test("permitted users may review others' access", async () => {
    const spec = {
      user: 'shopkeeper',
      resourceAttributes: {
        verb: 'delete',
        resource: 'rolebindings',
        group: 'rbac.authorization.k8s.io',
        namespace: 'shop',
      },
    };
    expect((await review('anna', 'subjectaccessreviews', spec)).status).toBe(403);
    expect((await review('admin', 'subjectaccessreviews', spec)).status).toBe(201);
  });
});

test("users can't grant rights they don't have", async () => {
  const name = 'too-much';
  const role = { metadata: { name }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }] };
  const answer = await as('shop', 'POST', `${RBAC}/namespaces/shop/roles`, role);
  expect(answer.status).toBe(403);
  expect(answer.json?.['message']).toContain(
    'user "shopkeeper" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
  );
  const roleRef = { kind: 'ClusterRole', name: 'cluster-admin', apiGroup: 'rbac.authorization.k8s.io' };
  expect(
    (
      await as('shop', 'POST', `${RBAC}/namespaces/shop/rolebindings`, {
        metadata: { name },
        subjects: [],
        roleRef,
      })
    ).status,
  ).toBe(403);
});

test('discovery of the issuer', async () => {
  const configuration = await as('anna', 'GET', '/.well-known/openid-configuration');
  expect(configuration.status).toBe(403);
  const asRoot = await as('admin', 'GET', '/.well-known/openid-configuration');
  expect(asRoot.json).toMatchObject({
    issuer: 'https://issuer.example',
    id_token_signing_alg_values_supported: ['ES256'],
  });
  expect(asRoot.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'public, max-age=3600',
  });
  const keys = await as('admin', 'GET', '/openid/v1/jwks');
  expect(keys.headers).toMatchObject({ 'content-type': 'application/jwk-set+json' });
});

describe('audit', () => {
  const idOf = (answer: { headers: Readonly<Record<string, unknown>> }) => String(answer.headers['audit-id']);
  const of = (id: string) => events().filter(({ auditID }) => auditID === id);

  test('secrets are left out where the policy level is Metadata', async () => {
    const secret = { metadata: { name: 'audited' }, data: { password: 'aHVudGVyMg==' } };
    const created = await as('admin', 'POST', '/api/v1/namespaces/shop/secrets', secret);
    const found = of(idOf(created));
    expect(found.map(({ stage, level }) => `${stage} ${level}`)).toEqual([
      'RequestReceived Metadata',
      'ResponseComplete Metadata',
    ]);
    expect(found[1]).toMatchObject({
      verb: 'create',
      user: { username: 'root', groups: ['system:masters', 'system:authenticated'] },
      objectRef: { resource: 'secrets', namespace: 'shop', name: 'audited', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
    await call(server, 'PATCH', '/api/v1/namespaces/shop/secrets/audited', {
      headers: { authorization: 'Bearer admin', 'content-type': 'application/merge-patch+json' },
      body: { data: { password: 'aHVudGVyMw==' } },
    });
    expect(readFileSync(auditLogPath, 'utf8')).not.toMatch(/aHVudGVy|Bearer/);
  });

  test('requests and responses are included where the policy level is RequestResponse', async () => {
    const created = await as('admin', 'POST', '/api/v1/namespaces/shop/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'seen' },
      data: { a: 'b' },
    });
    const [, complete] = of(idOf(created));
    expect(complete?.requestObject).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'seen' },
      data: { a: 'b' },
    });
    expect(complete?.responseObject).toEqual(created.json);
    const listed = await as('admin', 'GET', '/api/v1/namespaces/shop/configmaps');
    expect(of(idOf(listed))[1]?.responseObject).toEqual(listed.json);
  });

  test('requests include their defaults, responses their status', async () => {
    const path = '/api/v1/namespaces/shop/services';
    const made = await as('admin', 'POST', path, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'seen' },
      spec: { ports: [{ port: 80 }] },
    });
    expect(of(idOf(made))[1]?.requestObject).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'seen' },
      spec: {
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
      },
      status: { loadBalancer: {} },
    });
    await as('admin', 'POST', '/api/v1/namespaces/shop/configmaps', { metadata: { name: 'goes' } });
    const gone = await as('admin', 'DELETE', '/api/v1/namespaces/shop/configmaps/goes', {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
    });
    expect(of(idOf(gone))[1]).toMatchObject({
      requestObject: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', gracePeriodSeconds: 0 },
      responseStatus: { metadata: {}, status: 'Success', code: 200 },
    });
    const log = await as('admin', 'GET', '/api/v1/namespaces/shop/pods/none/log');
    expect(of(idOf(log)).map(({ stage }) => stage)).toEqual([
      'RequestReceived',
      'ResponseStarted',
      'ResponseComplete',
    ]);
    const groups = await as('admin', 'GET', '/apis');
    expect(of(idOf(groups))[1]?.responseObject).toMatchObject({ kind: 'APIGroupList' });
  });

  test.each<[string, { status?: string; reason?: string }]>([
    ['application/json', { status: 'Failure', reason: 'NotFound' }],
    [
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      { status: 'Failure', reason: 'NotFound' },
    ],
    ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', {}],
    ['application/json;as=Odd;v=v1;g=meta.k8s.io', {}],
  ])('errors are logged where the client accepts them: %s', async (accept, { status, reason }) => {
    const missing = await as('admin', 'GET', '/api/v1/namespaces/shop/configmaps/none', undefined, {
      accept,
    });
    const event = of(idOf(missing))[1];
    const said = event?.responseStatus as { status?: string; reason?: string; code: number };
    expect([said.status, said.reason, said.code]).toEqual([status, reason, missing.status]);
    expect(event?.responseObject === undefined).toBe(status === undefined);
  });

  test('denials and failures', async () => {
    const forbidden = await as('anna', 'GET', '/api/v1/secrets');
    expect(of(idOf(forbidden))[1]).toMatchObject({
      stage: 'ResponseComplete',
      responseStatus: {
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
        message:
          'secrets is forbidden: User "anna" cannot list resource "secrets" in API group "" at the cluster scope',
      },
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    });
    const unauthorized = await as('wrong', 'GET', '/api/v1/secrets');
    expect(of(idOf(unauthorized))).toEqual([
      expect.objectContaining({
        stage: 'ResponseStarted',
        user: {},
        responseStatus: { metadata: {}, message: 'Authentication failed, attempted: bearer', code: 401 },
      }),
    ]);
  });

  test('deprecated versions', async () => {
    const answer = await as('admin', 'GET', '/apis/policy/v1beta1/podsecuritypolicies');
    expect(of(idOf(answer))[1]?.annotations).toEqual({
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': '',
      'k8s.io/deprecated': 'true',
      'k8s.io/removed-release': '1.25',
    });
  });

  test('impersonation', async () => {
    const answer = await as('admin', 'GET', '/version', undefined, { 'impersonate-user': 'eve' });
    expect(of(idOf(answer))[1]).toMatchObject({
      user: { username: 'root' },
      impersonatedUser: { username: 'eve', groups: ['system:authenticated'] },
    });
  });

  test('a watch has a start and an end event', async () => {
    const watched = await as(
      'admin',
      'GET',
      '/api/v1/namespaces/shop/configmaps?watch=true&timeoutSeconds=1',
    );
    expect(of(idOf(watched)).map(({ stage }) => stage)).toEqual([
      'RequestReceived',
      'ResponseStarted',
      'ResponseComplete',
    ]);
  });
});

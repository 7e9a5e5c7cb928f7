/** Options and files that select authenticators and authorizers, on complete servers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServerRunOptions } from '../../../shared/server/options/options.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { startWebhook, type TestWebhook } from '../../fixtures/webhook.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const TOKENS = file('tokens.csv', 'admin,root,0,system:masters\nanna,anna,1,dev\nbob,bob,2\n');
let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const start = async (options: Partial<ServerRunOptions>): Promise<void> => {
  server = await startTestServer({ tokenAuthFile: TOKENS, ...options }, { authenticator: undefined });
};
const as = (token: string | undefined, method: string, url: string, body?: unknown) =>
  call(server!, method, url, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body,
  });
const status = async (token: string | undefined, url: string): Promise<number> =>
  (await as(token, 'GET', url)).status;

let webhook: TestWebhook;
let kubeconfig: string;
beforeAll(async () => {
  webhook = await startWebhook(() => ({ body: {} }));
  kubeconfig = file('webhook.kubeconfig', {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k' } }],
    clusters: [{ name: 'k', cluster: { server: webhook.url } }],
  });
});
afterAll(() => webhook.close());

test('a policy file with attributes', async () => {
  const line = (spec: object) =>
    JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });
  const authorizationPolicyFile = file(
    'policy.jsonl',
    `${line({ user: 'anna', namespace: 'default', resource: 'configmaps', apiGroup: '*' })}\n`,
  );
  await start({ authorizationMode: ['ABAC'], authorizationPolicyFile });
  expect(await status('anna', '/api/v1/namespaces/default/configmaps')).toBe(200);
  expect(await status('anna', '/api/v1/namespaces/default/secrets')).toBe(403);
  expect(await status('anna', '/api/v1/configmaps')).toBe(403);
  expect((await as('bob', 'GET', '/api/v1/namespaces/default/configmaps')).json?.['message']).toBe(
    'configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "default": abac: No policy matched.',
  );
});

describe('--authorization-config', () => {
  const authorizationConfig = (failurePolicy: string) =>
    file('authorization.yaml', {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthorizationConfiguration',
      authorizers: [
        {
          type: 'Webhook',
          name: 'hook',
          webhook: {
            timeout: '3s',
            authorizedTTL: '5m',
            unauthorizedTTL: '30s',
            subjectAccessReviewVersion: 'v1',
            matchConditionSubjectAccessReviewVersion: 'v1',
            failurePolicy,
            connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: kubeconfig },
            matchConditions: [
              { expression: 'has(request.resourceAttributes)' },
              { expression: "request.resourceAttributes.namespace == 'guarded'" },
            ],
          },
        },
        { type: 'RBAC', name: 'rbac' },
      ],
    });

  test('a webhook before RBAC, for some namespaces only', async () => {
    webhook.answer = () => ({ body: { status: { allowed: false, denied: true, reason: 'guarded' } } });
    await start({ authorizationConfig: authorizationConfig('NoOpinion') });
    webhook.asked.length = 0;
    // system:masters precede all authorizers, and roles exist because RBAC is among the authorizers.
    expect(await status('admin', '/api/v1/namespaces/guarded/configmaps')).toBe(200);
    expect(await status('admin', '/apis/rbac.authorization.k8s.io/v1/clusterroles/view')).toBe(200);
    expect(webhook.asked).toHaveLength(0);
    expect((await as('anna', 'GET', '/api/v1/namespaces/guarded/configmaps')).json?.['message']).toBe(
      'configmaps is forbidden: User "anna" cannot list resource "configmaps" in API group "" in the namespace "guarded": guarded',
    );
    expect(await status('anna', '/version')).toBe(200);
    expect(webhook.asked).toHaveLength(1);
    webhook.answer = () => ({ body: { status: { allowed: true } } });
    expect(await status('anna', '/api/v1/namespaces/guarded/secrets')).toBe(200);
    expect(await status('anna', '/api/v1/namespaces/other/secrets')).toBe(403);
  });

  test('a failed webhook causes an internal error, as upstream', async () => {
    webhook.answer = () => ({ status: 403, body: '' });
    await start({ authorizationConfig: authorizationConfig('Deny') });
    expect(await status('anna', '/api/v1/namespaces/guarded/configmaps')).toBe(500);
    expect(await status('anna', '/version')).toBe(200);
  });

  test('a file that names a missing kubeconfig keeps the server from starting', async () => {
    const path = file('bad.yaml', '');
    await expect(start({ authorizationConfig: path })).rejects.toThrow(path);
    await expect(start({ authorizationConfig: join(folder, 'nothing') })).rejects.toThrow('ENOENT');
  });
});

test('webhooks by flags', async () => {
  webhook.answer = () => ({ body: { status: { allowed: true } } });
  await start({ authorizationMode: ['Webhook'], authorizationWebhookConfigFile: kubeconfig });
  webhook.asked.length = 0;
  expect(await status('anna', '/api/v1/secrets')).toBe(200);
  expect(await status('anna', '/api/v1/secrets')).toBe(200);
  expect(webhook.asked.map(({ body }) => body)).toMatchObject([
    {
      apiVersion: 'authorization.k8s.io/v1beta1',
      spec: { user: 'anna', group: ['dev', 'system:authenticated'] },
    },
  ]);
});

describe('authentication', () => {
  test('a token webhook is called for tokens unknown to the server', async () => {
    webhook.answer = ({ spec }: { spec: { token: string } }) => ({
      body: { status: { authenticated: spec.token === 'good', user: { username: 'carla' } } },
    });
    await start({
      authorizationMode: ['RBAC'],
      authenticationTokenWebhookConfigFile: kubeconfig,
      authenticationTokenWebhookVersion: 'v1',
    });
    webhook.asked.length = 0;
    const whoami = async (token: string) =>
      (await as(token, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {})).json;
    expect(await whoami('anna')).toMatchObject({ status: { userInfo: { username: 'anna' } } });
    expect(webhook.asked).toHaveLength(0);
    for (let times = 1; times <= 2; times++) {
      expect(await whoami('good')).toMatchObject({
        status: { userInfo: { username: 'carla', groups: ['system:authenticated'] } },
      });
      expect(await whoami('bad')).toMatchObject({ code: 401 });
    }
    expect(webhook.asked).toHaveLength(2);
    expect(await whoami('k8s-aws-v1.x')).toMatchObject({ code: 401 });
  });

  const authenticationConfig = (anonymous: object) =>
    file('authentication.yaml', {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      anonymous,
    });

  test.each<[string, object, number, number]>([
    ['on some paths', { enabled: true, conditions: [{ path: '/livez' }] }, 200, 401],
    ['everywhere', { enabled: true }, 200, 200],
    ['nowhere', { enabled: false }, 401, 401],
    ['nowhere by default', {}, 401, 401],
  ])('anonymous requests are authenticated %s', async (_name, anonymous, livez, version) => {
    await start({ authorizationMode: ['RBAC'], authenticationConfig: authenticationConfig(anonymous) });
    expect([await status(undefined, '/livez'), await status(undefined, '/version')]).toEqual([
      livez,
      version,
    ]);
    expect(await status(undefined, '//livez')).not.toBe(200);
  });

  test('anonymous requests are rejected with AlwaysAllow', async () => {
    await start({
      authorizationMode: ['AlwaysAllow'],
      authenticationConfig: authenticationConfig({ enabled: true }),
    });
    expect(await status(undefined, '/api/v1/secrets')).toBe(401);
    expect(await status('bob', '/api/v1/secrets')).toBe(200);
  });

  test.each<[string, Partial<ServerRunOptions>, string]>([
    [
      "an issuer that is the server's own",
      {
        authenticationConfig: file('own-issuer.yaml', {
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'AuthenticationConfiguration',
          jwt: [
            {
              issuer: { url: 'https://issuer.example', audiences: ['a'] },
              claimMappings: { username: { claim: 'sub', prefix: '' } },
            },
          ],
        }),
        serviceAccountIssuer: ['https://issuer.example'],
      },
      'disallowed',
    ],
    [
      'flags together with a file',
      {
        authenticationConfig: authenticationConfig({ enabled: true }),
        oidcIssuerURL: 'https://x',
        oidcClientID: 'y',
      },
      'mutually exclusive',
    ],
    [
      'anonymous users by the file although the flag disables them',
      { authenticationConfig: authenticationConfig({ enabled: true }), anonymousAuth: false },
      '--anonymous-auth flag cannot be set',
    ],
    ['ABAC without its file', { authorizationMode: ['ABAC'] }, 'authorization policy file not passed'],
    ['a policy file without ABAC', { authorizationPolicyFile: file('none.jsonl', '') }, 'without mode ABAC'],
    ['a webhook without a version', { authenticationTokenWebhookVersion: 'v2' }, 'is not one of v1, v1beta1'],
    ['OIDC without a client', { oidcIssuerURL: 'https://x' }, 'must be specified together'],
    ['an OIDC issuer without TLS', { oidcIssuerURL: 'http://x', oidcClientID: 'y' }, 'https'],
  ])('%s keeps the server from starting', async (_name, options, message) => {
    await expect(start({ authorizationMode: ['RBAC'], ...options })).rejects.toThrow(new RegExp(message));
  });
});

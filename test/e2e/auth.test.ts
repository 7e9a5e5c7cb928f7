/** Authentication and authorization through kubectl, against `zeroplane start`. */

import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { certificateRequest } from '../fixtures/certificate-request.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

let server: LocalServer;
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-auth-e2e-'));
beforeAll(async () => {
  server = await startLocalServer();
  await server.run(['create', 'namespace', 'shop']);
  await server.run(['create', 'clusterrolebinding', 'reader', '--clusterrole=view', '--user=reader']);
  await server.run(['create', 'rolebinding', 'keeper', '-n', 'shop', '--clusterrole=admin', '--user=keeper']);
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const can = async (who: readonly string[], verb: string, what: string, namespace = 'shop'): Promise<string> =>
  (await server.kubectl(['auth', 'can-i', verb, what, '-n', namespace, ...who])).stdout.trim();

describe('impersonated users', () => {
  const reader = ['--as=reader'];
  const keeper = ['--as=keeper'];
  test.each<[string, string[], string, string, string, string]>([
    ['a reader can read', reader, 'list', 'pods', 'shop', 'yes'],
    ["a reader can't read secrets", reader, 'get', 'secrets', 'shop', 'no'],
    ["a reader can't write", reader, 'create', 'configmaps', 'shop', 'no'],
    ['a namespace admin can write in the namespace', keeper, 'create', 'deployments.apps', 'shop', 'yes'],
    [
      "a namespace admin can't write in other namespaces",
      keeper,
      'create',
      'deployments.apps',
      'default',
      'no',
    ],
    ["a namespace admin can't write cluster-scoped objects", keeper, 'create', 'clusterroles', 'shop', 'no'],
    [
      'members of system:masters can do everything',
      ['--as=x', '--as-group=system:masters'],
      'delete',
      'nodes',
      'shop',
      'yes',
    ],
  ])('%s', async (_name, who, verb, what, namespace, expected) => {
    expect(await can(who, verb, what, namespace)).toBe(expected);
  });

  test("are rejected with upstream's messages", async () => {
    const { code, stderr } = await server.kubectl(['get', 'secrets', '-n', 'shop', '--as=reader']);
    expect([code, stderr.trim()]).toEqual([
      1,
      'Error from server (Forbidden): secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "shop"',
    ]);
  });

  test("can't grant more than they have", async () => {
    const grant = ['create', 'clusterrolebinding', 'mine', '--clusterrole=cluster-admin', '--user=keeper'];
    expect((await server.kubectl([...grant, '--as=keeper'])).stderr).toContain('cannot create resource');
    const role = ['create', 'role', 'nodes', '-n', 'shop', '--verb=impersonate', '--resource=users'];
    expect((await server.kubectl([...role, '--as=keeper'])).stderr).toContain(
      'is attempting to grant RBAC permissions not currently held',
    );
  });
});

test('auth whoami and can-i --list', async () => {
  const whoami = await server.run(['auth', 'whoami', '--as=reader', '--as-group=dev']);
  expect(whoami).toMatch(/Username\s+reader/);
  expect(whoami).toMatch(/Groups\s+\[dev system:authenticated\]/);
  const list = await server.run(['auth', 'can-i', '--list', '-n', 'shop', '--as=keeper']);
  expect(list).toMatch(/secrets\s+\[\]\s+\[\]\s+\[.*create/);
});

test('auth whoami of a user with all attributes', async () => {
  const who = ['--as=eve', '--as-uid=u-7', '--as-group=a', '--as-group=b'];
  const extra = ['--as-user-extra=scopes.example/path=x', '--as-user-extra=scopes.example/path=y'];
  const answer = JSON.parse(await server.run(['auth', 'whoami', '-o', 'json', ...who, ...extra]));
  expect(answer.status.userInfo).toEqual({
    username: 'eve',
    uid: 'u-7',
    groups: ['a', 'b', 'system:authenticated'],
    extra: { 'scopes.example/path': ['x', 'y'] },
  });
});

describe('rejections are printed as by upstream', () => {
  test.each<[string, string]>([
    [
      'get pods x',
      'Error from server (Forbidden): pods "x" is forbidden: User "eve" cannot get resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'get nodes',
      'Error from server (Forbidden): nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope',
    ],
    [
      'delete namespace shop',
      'Error from server (Forbidden): namespaces "shop" is forbidden: User "eve" cannot delete resource "namespaces" in API group "" in the namespace "shop"',
    ],
    [
      'create deployment d --image=x',
      'error: failed to create deployment: deployments.apps is forbidden: User "eve" cannot create resource "deployments" in API group "apps" in the namespace "default"',
    ],
    ['get --raw /logs', 'Error from server (Forbidden): forbidden: User "eve" cannot get path "/logs"'],
    [
      'create token default',
      'error: failed to create token: serviceaccounts "default" is forbidden: User "eve" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"',
    ],
  ])('kubectl %s', async (command, expected) => {
    const { code, stderr } = await server.kubectl([...command.split(' '), '--as=eve']);
    expect([code, stderr.trim()]).toEqual([1, expected]);
  });
});

test('auth can-i for subresources, names, paths and unknown resources', async () => {
  const rules = ['--verb=get', '--resource=pods/log', '--resource-name=one'];
  await server.run(['create', 'role', 'logs', '-n', 'shop', ...rules]);
  await server.run(['create', 'rolebinding', 'logs', '-n', 'shop', '--role=logs', '--user=lea']);
  const ask = async (...question: string[]) => {
    const { stdout, stderr } = await server.kubectl(['auth', 'can-i', ...question, '--as=lea']);
    return `${stdout.trim()}${stderr.includes('Warning') ? ' (warning)' : ''}`;
  };
  expect(await ask('get', 'pods/one', '--subresource=log', '-n', 'shop')).toBe('yes');
  expect(await ask('get', 'pods/two', '--subresource=log', '-n', 'shop')).toBe('no');
  expect(await ask('get', 'pods/one', '-n', 'shop')).toBe('no');
  expect(await ask('get', 'pods', '--subresource=log', '-A')).toBe('no');
  expect(await ask('get', '/version')).toBe('yes');
  expect(await ask('get', '/logs/x')).toBe('no');
  expect(await ask('get', 'podz', '-n', 'shop')).toBe('no (warning)');
  await server.run(['delete', 'role', 'logs', '-n', 'shop']);
  expect(await ask('get', 'pods/one', '--subresource=log', '-n', 'shop')).toBe(
    'no - rbac: RBAC: role.rbac.authorization.k8s.io "logs" not found',
  );
});

describe('auth reconcile', () => {
  const manifest = (verbs: string[], user: string, roleName = 'reconciled') =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata: { name: 'reconciled', namespace: 'shop' },
          rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
        },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: 'reconciled', namespace: 'shop' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: roleName },
          subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
        },
      ],
    });
  const reconcile = (input: string, ...flags: string[]) =>
    server.run(['auth', 'reconcile', '-f', '-', ...flags], input);
  const state = async () => {
    const get = async (kind: string, path: string) =>
      (await server.run(['get', kind, 'reconciled', '-n', 'shop', '-o', `jsonpath={${path}}`])).trim();
    const version = await get('role', '.metadata.resourceVersion');
    const verbs = await get('role', '.rules[*].verbs[*]');
    return { version, verbs, users: await get('rolebinding', '.subjects[*].name') };
  };

  test('adds missing rules and subjects, removes others on request, and is idempotent', async () => {
    expect(await reconcile(manifest(['get'], 'anna'), '--dry-run=client')).toContain('reconciled (dry run)');
    expect((await server.kubectl(['get', 'role', 'reconciled', '-n', 'shop'])).code).toBe(1);
    await reconcile(manifest(['get'], 'anna'));
    const first = await state();
    expect(first).toMatchObject({ verbs: 'get', users: 'anna' });
    await reconcile(manifest(['get'], 'anna'));
    expect(await state()).toEqual(first);
    await reconcile(manifest(['list'], 'ben'));
    expect(await state()).toMatchObject({ verbs: 'get list', users: 'anna ben' });
    await reconcile(manifest(['list'], 'ben'), '--remove-extra-permissions', '--remove-extra-subjects');
    expect(await state()).toMatchObject({ verbs: 'list', users: 'ben' });
  });

  test('a changed roleRef recreates the binding', async () => {
    const flags = ['auth', 'reconcile', '-f', '-'];
    const { stderr } = await server.kubectl(flags, manifest(['list'], 'ben', 'other'));
    expect(stderr).toContain('reconciliation required recreate');
    const roleRef = ['get', 'rolebinding', 'reconciled', '-n', 'shop', '-o', 'jsonpath={.roleRef.name}'];
    expect(await server.run(roleRef)).toBe('other');
  });
});

test('a token of a service account', async () => {
  await server.run(['create', 'serviceaccount', 'robot', '-n', 'shop']);
  await server.run([
    'create',
    'rolebinding',
    'robot',
    '-n',
    'shop',
    '--clusterrole=view',
    '--serviceaccount=shop:robot',
  ]);
  const token = (await server.run(['create', 'token', 'robot', '-n', 'shop'])).trim();
  expect(token.split('.')).toHaveLength(3);
  const path = join(folder, 'robot.kubeconfig');
  const config = ['--kubeconfig', path];
  writeFileSync(path, readFileSync(server.kubeconfig));
  await server.run(['config', 'set-credentials', 'robot', `--token=${token}`, ...config]);
  const context = (await server.run(['config', 'current-context', ...config])).trim();
  await server.run(['config', 'set-context', context, '--user=robot', ...config]);
  expect(await server.run(['auth', 'whoami', ...config])).toMatch(
    /Username\s+system:serviceaccount:shop:robot/,
  );
  expect((await server.kubectl(['get', 'pods', '-n', 'shop', ...config])).code).toBe(0);
  expect((await server.kubectl(['get', 'secrets', '-n', 'shop', ...config])).stderr).toContain('Forbidden');
  expect((await server.kubectl(['get', 'pods', '-n', 'default', ...config])).stderr).toContain('Forbidden');
  expect((await server.kubectl(['get', 'pods', '-n', 'shop', '--as=eve', ...config])).stderr.trim()).toBe(
    'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:shop:robot" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "shop"',
  );
  await server.run(['delete', 'serviceaccount', 'robot', '-n', 'shop']);
  // Valid tokens are cached for ten seconds, as upstream caches them.
});

test('tokens with requested audiences, expiration and bound objects', async () => {
  const token = async (...flags: string[]) => {
    const { stdout, stderr } = await server.kubectl(['create', 'token', 'default', '-n', 'shop', ...flags]);
    if (stderr !== '') return stderr.trim();
    return JSON.parse(Buffer.from(stdout.split('.')[1]!, 'base64url').toString());
  };
  await server.run(['create', 'secret', 'generic', 'anchor', '-n', 'shop']);
  const uid = await server.run(['get', 'secret', 'anchor', '-n', 'shop', '-o', 'jsonpath={.metadata.uid}']);
  const vault = await token('--audience=vault', '--audience=other', '--duration=20m');
  expect([vault.aud, vault.exp - vault.iat]).toEqual([['vault', 'other'], 1200]);
  const bound = ['--bound-object-kind=Secret', '--bound-object-name=anchor'];
  expect((await token(...bound))['kubernetes.io'].secret).toEqual({ name: 'anchor', uid });
  expect(await token(...bound, '--bound-object-uid=x')).toBe(
    'error: failed to create token: Operation cannot be fulfilled on Secret "anchor": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
  );
  expect(await token('--bound-object-kind=Node', '--bound-object-name=n')).toBe(
    'error: failed to create token: nodes "n" not found',
  );
  expect(await token('--duration=1m')).toBe(
    'error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
  );
});

test('certificate approve issues a client certificate that authenticates its user', async () => {
  const { request, keys } = await certificateRequest({ name: 'O=dev, CN=carla' });
  const csr = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'carla' },
    spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
  };
  await server.run(['apply', '-f', '-'], JSON.stringify(csr));
  await server.run(['certificate', 'approve', 'carla']);
  await server.run(['wait', 'csr/carla', '--for=jsonpath={.status.certificate}', '--timeout=10s']);
  const certificate = await server.run(['get', 'csr', 'carla', '-o', 'jsonpath={.status.certificate}']);
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey as never));
  writeFileSync(join(folder, 'carla.crt'), Buffer.from(certificate, 'base64'));
  writeFileSync(
    join(folder, 'carla.key'),
    `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`,
  );
  const { subject } = new X509Certificate(Buffer.from(certificate, 'base64'));
  expect(subject.split('\n').sort()).toEqual(['CN=carla', 'O=dev']);
  const path = join(folder, 'carla.kubeconfig');
  const config = ['--kubeconfig', path];
  writeFileSync(path, readFileSync(server.kubeconfig));
  const files = [
    `--client-certificate=${join(folder, 'carla.crt')}`,
    `--client-key=${join(folder, 'carla.key')}`,
  ];
  await server.run(['config', 'set-credentials', 'carla', ...files, ...config]);
  const context = (await server.run(['config', 'current-context', ...config])).trim();
  await server.run(['config', 'set-context', context, '--user=carla', ...config]);
  const whoami = await server.run(['auth', 'whoami', ...config]);
  expect(whoami).toMatch(/Username\s+carla/);
  expect(whoami).toMatch(/Groups\s+\[dev system:authenticated\]/);
  expect((await server.kubectl(['get', 'pods', ...config])).stderr).toContain('User "carla" cannot list');
});

test('keys rotate while the server runs: kubectl get | kubectl replace', async () => {
  const path = join(folder, 'encryption.yaml');
  const configure = (...keys: [name: string, fill: number][]) => {
    const providers = keys.map(([name, fill]) => ({
      secretbox: { keys: [{ name, secret: Buffer.alloc(32, fill).toString('base64') }] },
    }));
    const resources = [{ resources: ['secrets'], providers: [...providers, { identity: {} }] }];
    const header = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration' };
    writeFileSync(path, JSON.stringify({ ...header, resources }));
  };
  configure(['one', 1]);
  const rotating = await startLocalServer({
    args: [`--encryption-provider-config=${path}`, '--encryption-provider-config-automatic-reload'],
  });
  try {
    await rotating.run(['create', 'secret', 'generic', 's', '--from-literal=a=b']);
    const version = () => rotating.run(['get', 'secret', 's', '-o', 'jsonpath={.metadata.resourceVersion}']);
    const replace = async () => {
      const before = await version();
      await rotating.run(['replace', '-f', '-'], await rotating.run(['get', 'secrets', '-o', 'json']));
      return (await version()) !== before;
    };
    expect(await replace()).toBe(false);
    configure(['two', 2], ['one', 1]);
    await vi.waitFor(async () => expect(await replace()).toBe(true), { timeout: 20_000, interval: 500 });
    expect(await replace()).toBe(false);
    configure(['two', 2]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await rotating.run(['get', 'secret', 's', '-o', 'jsonpath={.data.a}'])).toBe('Yg==');
    expect(await rotating.run(['get', '--raw', '/readyz?verbose'])).toContain('[+]kms-providers ok');
  } finally {
    await rotating.stop();
  }
}, 90_000);

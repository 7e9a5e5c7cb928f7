/** Who may do what, as kubectl shows it against `zeroplane start`. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
    ['a reader reads', reader, 'list', 'pods', 'shop', 'yes'],
    ['but no secrets', reader, 'get', 'secrets', 'shop', 'no'],
    ['and writes nothing', reader, 'create', 'configmaps', 'shop', 'no'],
    ['an admin of a namespace writes there', keeper, 'create', 'deployments.apps', 'shop', 'yes'],
    ['and not elsewhere', keeper, 'create', 'deployments.apps', 'default', 'no'],
    ['nor at the cluster', keeper, 'create', 'clusterroles', 'shop', 'no'],
    ['masters may all', ['--as=x', '--as-group=system:masters'], 'delete', 'nodes', 'shop', 'yes'],
  ])('%s', async (_name, who, verb, what, namespace, expected) => {
    expect(await can(who, verb, what, namespace)).toBe(expected);
  });

  test('are refused in upstream words', async () => {
    const { code, stderr } = await server.kubectl(['get', 'secrets', '-n', 'shop', '--as=reader']);
    expect([code, stderr.trim()]).toEqual([
      1,
      'Error from server (Forbidden): secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "shop"',
    ]);
  });

  test('give no more than they have', async () => {
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

test('auth reconcile', async () => {
  const role = (verbs: string[]) =>
    JSON.stringify({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reconciled', namespace: 'shop' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
    });
  expect(await server.run(['auth', 'reconcile', '-f', '-'], role(['get']))).toContain('reconciled');
  await server.run(['auth', 'reconcile', '-f', '-'], role(['list']));
  const rules = await server.run([
    'get',
    'role',
    'reconciled',
    '-n',
    'shop',
    '-o',
    'jsonpath={.rules[*].verbs}',
  ]);
  expect(rules).toContain('get');
  expect(rules).toContain('list');
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
  await server.run(['delete', 'serviceaccount', 'robot', '-n', 'shop']);
  // Valid tokens are believed for ten seconds, as upstream believes them.
});

test('certificate approve makes a client certificate that is good for its user', async () => {
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
  expect(
    execFileSync('openssl', ['x509', '-in', join(folder, 'carla.crt'), '-noout', '-subject']).toString(),
  ).toContain('carla');
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

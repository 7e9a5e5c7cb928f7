/** kube-apiserver run as by controller-runtime's envtest. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spawnAsset, startEnvtest, type TestEnvironment } from '../fixtures/envtest.ts';

const root = resolve(import.meta.dirname, '../..');
const zeroplane = join(root, 'infra/local/zeroplane.mjs');
const assets = execFileSync(process.execPath, [zeroplane, 'envtest-assets'], { encoding: 'utf8' }).trim();

let environment: TestEnvironment;
const call: TestEnvironment['call'] = (...args) => environment.call(...args);

beforeAll(async () => {
  environment = await startEnvtest(assets);
});

afterAll(() => environment.stop());

describe('kube-apiserver as envtest starts it', () => {
  test('authenticates users by the configured authority', async () => {
    const { status } = await call('GET', '/api/v1/namespaces/kube-system');
    expect(status).toBe(200);
    expect(JSON.parse((await call('GET', '/api/v1/nodes', { anonymous: true })).text)).toMatchObject({
      code: 403,
      message:
        'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
    });
  });

  test('signs tokens with the configured key', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    expect((await call('POST', accounts, { body: { metadata: { name: 'robot' } } })).status).toBe(201);
    const asked = await call('POST', `${accounts}/robot/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    const { token } = (JSON.parse(asked.text) as { status: { token: string } }).status;
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iss: string };
    expect(claims.iss).toBe(`https://127.0.0.1:${environment.port}/`);
    const review = await call('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    });
    expect(JSON.parse(review.text)).toMatchObject({
      status: { authenticated: true, user: { username: 'system:serviceaccount:default:robot' } },
    });
  });

  test('runs no controllers', async () => {
    const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    expect((await call('POST', '/api/v1/namespaces/default/pods', { body: pod })).status).toBe(201);
    expect((await call('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status).toBe(404);
  });

  test('keeps its data across a restart', async () => {
    const before = await call('GET', '/api/v1/namespaces/default');
    expect(await environment.restart()).toBe(0);
    expect((await call('GET', '/api/v1/namespaces/default')).text).toBe(before.text);
  });
});

test.each([
  [
    ['--no-such-flag=1', '--secure-port=high', '--secure-port=70000', '--tls-min-version=1.3'],
    [
      'invalid argument "high" for "--secure-port" flag: strconv.ParseInt: parsing "high": invalid syntax',
      'invalid argument "70000" for "--secure-port" flag: must be between 0 and 65535, inclusive',
      'invalid argument "1.3" for "--tls-min-version" flag: unknown tls version "1.3"',
      '--etcd-servers must be specified',
      'unknown flag: --no-such-flag',
    ],
  ],
  [['--etcd-servers=http://127.0.0.1:1'], ['--etcd-servers: no response from http://127.0.0.1:1']],
])('%j are rejected with all reasons', async (flags, messages) => {
  const child = spawnAsset(assets, 'kube-apiserver', flags);
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  expect([said.trim(), child.exitCode]).toEqual([messages.join('\n'), 1]);
});

test('flags of old versions are not listed by --help', () => {
  const help = execFileSync(join(assets, 'kube-apiserver'), ['--help'], { encoding: 'utf8' });
  expect(help).toMatch(/^ +--secure-port\b/m);
  expect(help).not.toMatch(/^ +--insecure-port\b/m);
});

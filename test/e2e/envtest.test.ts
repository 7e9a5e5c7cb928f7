/** What controller-runtime's envtest does with the programs it finds in KUBEBUILDER_ASSETS. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate, type KeyPair } from '../../shared/util/issue-certificate.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'zeroplane-envtest-'));
const certDir = join(folder, 'certs');
const zeroplane = join(root, 'infra/local/zeroplane.mjs');
const assets = execFileSync(process.execPath, [zeroplane, 'envtest-assets'], { encoding: 'utf8' }).trim();

let admin: KeyPair;
let etcdURL: string;
let port: number;
let etcd: ChildProcess;
let apiserver: ChildProcess;

beforeAll(async () => {
  mkdirSync(certDir);
  const ca = await issueCertificate({ name: 'CN=envtest', usage: 'ca' });
  admin = await issueCertificate({ name: 'O=system:masters, CN=admin', usage: 'client' }, ca);
  const server = await issueCertificate({ name: 'CN=s', usage: 'server', hosts: ['127.0.0.1'] }, ca);
  const signer = await issueCertificate({ name: 'CN=sa-signer', usage: 'ca' });
  const files = {
    'client-cert-auth-ca.crt': ca.certificate,
    'apiserver.crt': server.certificate,
    'apiserver.key': server.key,
    'sa-signer.crt': signer.certificate,
    'sa-signer.key': signer.key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(certDir, name), text);
  etcdURL = `http://127.0.0.1:${await freePort()}`;
  port = await freePort();
  etcd = start('etcd', [`--listen-client-urls=${etcdURL}`, `--data-dir=${join(folder, 'etcd')}`]);
  await healthy(async () => (await fetch(`${etcdURL}/health`)).status);
  apiserver = await startAPIServer();
});

afterAll(async () => {
  await end(apiserver);
  await end(etcd);
});

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(join(assets, program), args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** With all that envtest gives it. */
async function startAPIServer(): Promise<ChildProcess> {
  const child = start('kube-apiserver', [
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    '--bind-address=127.0.0.1',
    `--cert-dir=${certDir}`,
    `--client-ca-file=${join(certDir, 'client-cert-auth-ca.crt')}`,
    '--disable-admission-plugins=ServiceAccount',
    `--etcd-servers=${etcdURL}`,
    `--secure-port=${port}`,
    `--service-account-issuer=https://127.0.0.1:${port}/`,
    '--service-account-issuer=https://formerly.example',
    `--service-account-key-file=${join(certDir, 'sa-signer.crt')}`,
    `--service-account-signing-key-file=${join(certDir, 'sa-signer.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
  ]);
  await healthy(async () => (await call('GET', '/healthz', { anonymous: true })).status);
  return child;
}

async function healthy(status: () => Promise<number>): Promise<void> {
  while ((await status().catch(() => 0)) !== 200) await setTimeout(50);
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  return child.exitCode;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return free;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function call(
  method: string,
  path: string,
  { body, anonymous }: { body?: object; anonymous?: boolean } = {},
): Promise<Answer> {
  const client = anonymous ? {} : { cert: admin.certificate, key: admin.key };
  return new Promise((done, fail) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        ...client,
        rejectUnauthorized: false,
        headers: { 'content-type': 'application/json' },
        agent: false,
      },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      },
    );
    outgoing.on('error', fail);
    outgoing.end(body && JSON.stringify(body));
  });
}

describe('kube-apiserver as envtest starts it', () => {
  test('knows the users of the authority it was given', async () => {
    const { status } = await call('GET', '/api/v1/namespaces/kube-system');
    expect(status).toBe(200);
    expect(JSON.parse((await call('GET', '/api/v1/nodes', { anonymous: true })).text)).toMatchObject({
      code: 403,
      message:
        'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
    });
  });

  test('signs tokens with the key it was given', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    expect((await call('POST', accounts, { body: { metadata: { name: 'robot' } } })).status).toBe(201);
    const asked = await call('POST', `${accounts}/robot/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    const { token } = (JSON.parse(asked.text) as { status: { token: string } }).status;
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iss: string };
    expect(claims.iss).toBe(`https://127.0.0.1:${port}/`);
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

  test('finds its data again after a restart', async () => {
    const before = await call('GET', '/api/v1/namespaces/default');
    expect(await end(apiserver)).toBe(0);
    apiserver = await startAPIServer();
    expect((await call('GET', '/api/v1/namespaces/default')).text).toBe(before.text);
  });
});

test.each([
  ['--no-such-flag=1', 'unknown flag: --no-such-flag'],
  ['--secure-port=high', '--secure-port high must be between 0 and 65535, inclusive'],
  ['--tls-min-version=1.3', 'unknown tls version "1.3"'],
  ['--etcd-servers=http://127.0.0.1:1', '--etcd-servers: nothing answers at http://127.0.0.1:1'],
  ['--authorization-mode=RBAC', '--etcd-servers must be specified'],
])('%s is refused with a reason', async (flag, message) => {
  const child = start('kube-apiserver', [flag]);
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  expect([said.trim(), child.exitCode]).toEqual([message, 1]);
});

test('flags of old versions are not among those of --help', () => {
  const help = execFileSync(join(assets, 'kube-apiserver'), ['--help'], { encoding: 'utf8' });
  expect(help).toMatch(/^ +--secure-port\b/m);
  expect(help).not.toMatch(/^ +--insecure-port\b/m);
});

/**
 * `zeroplane import` run as by an operator: from a snapshot of a real kube-apiserver's etcd, and from a server's API.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

/** A snapshot of kube-apiserver 1.37.2 with encrypted Secrets, and its responses for the objects, without revisions. */
const FIXTURE = resolve('test/fixtures/etcd/kube-apiserver-1.37.2');
const SNAPSHOT = gunzipSync(readFileSync(`${FIXTURE}.db.gz`));

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; resourceVersion?: string };
}

const EXPECTED = JSON.parse(readFileSync(`${FIXTURE}.json`, 'utf8')) as Named[];

const ENCRYPTION = `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers: [{ aescbc: { keys: [{ name: k, secret: ${Buffer.from('1'.repeat(32)).toString('base64')} }] } }]
`;

beforeAll(() => {
  writeFileSync(path('snapshot.db'), SNAPSHOT);
  writeFileSync(path('encryption.yaml'), ENCRYPTION);
});

function zeroplane(...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [resolve('infra/local/zeroplane.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, stderr: stderr.trim() };
}

async function objectOf(server: LocalServer, { kind, metadata }: Named): Promise<Named> {
  const where = metadata.namespace === undefined ? [] : ['-n', metadata.namespace];
  const text = await server.run([
    ...where,
    'get',
    kind,
    metadata.name,
    '-o',
    'json',
    '--show-managed-fields',
  ]);
  const object = JSON.parse(text) as Named;
  delete object.metadata.resourceVersion;
  return object;
}

test('a snapshot of etcd becomes a control plane with the same objects', async () => {
  const { status, stderr } = zeroplane(
    'import',
    `--etcd-snapshot=${path('snapshot.db')}`,
    `--source-encryption-provider-config=${path('encryption.yaml')}`,
    `--data-dir=${path('imported')}`,
  );
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/^\d+ objects imported\nleft behind:\n/);
  expect(stderr).toContain('  services (1): every control plane creates its own');
  const server = await startLocalServer({ dataDir: path('imported') });
  try {
    expect(EXPECTED.length).toBeGreaterThan(8);
    for (const expected of EXPECTED) {
      expect(await objectOf(server, expected)).toEqual(expected);
    }
    expect(await server.run(['-n', 'shop', 'get', 'cron', 'c', '-o', 'jsonpath={.spec.big}'])).toBe(
      '9007199254740993',
    );
    expect((await server.kubectl(['-n', 'shop', 'get', 'configmap', 'gone'])).stderr).toContain('NotFound');
    const create = ['-n', 'shop', 'create', 'service'];
    expect(
      (await server.kubectl([...create, 'clusterip', 'x', '--clusterip=10.0.0.77', '--tcp=80'])).stderr,
    ).toContain('provided IP is already allocated');
    expect(
      (await server.kubectl([...create, 'nodeport', 'x', '--node-port=30080', '--tcp=80'])).stderr,
    ).toContain('provided port is already allocated');
    const revision = await server.run([
      '-n',
      'shop',
      'get',
      'cm',
      'cm',
      '-o',
      'jsonpath={.metadata.resourceVersion}',
    ]);
    // Greater than every revision of the other cluster.
    expect(Number(revision)).toBeGreaterThan(200);
  } finally {
    await server.stop();
  }
});

test('encrypted values are listed and skipped without their key', () => {
  const { status, stderr } = zeroplane(
    'import',
    `--etcd-snapshot=${path('snapshot.db')}`,
    `--output=${path('import.gz')}`,
  );
  expect(status).toBe(0);
  expect(stderr).toContain(
    "  /registry/secrets (1): the value is encrypted: give the cluster's --source-encryption-provider-config",
  );
});

test.each([
  [
    'was changed',
    () => Buffer.concat([SNAPSHOT.subarray(0, 5_000), Buffer.from('x'), SNAPSHOT.subarray(5_001)]),
    'the snapshot was changed: its checksum does not match its contents',
  ],
  ["isn't valid", () => Buffer.alloc(4_096), 'not a bbolt file, or its header is damaged'],
  ['is cut off', () => SNAPSHOT.subarray(0, 16_384), 'the file is cut off'],
])('a snapshot that %s is rejected', (_, bytes, message) => {
  writeFileSync(path('bad.db'), bytes());
  expect(zeroplane('import', `--etcd-snapshot=${path('bad.db')}`, `--output=${path('none.gz')}`)).toEqual({
    status: 1,
    stderr: message,
  });
});

test('a wrong prefix is reported as empty', () => {
  const { status, stderr } = zeroplane(
    'import',
    ...['--etcd-snapshot', path('snapshot.db'), '--etcd-prefix=/other', '--output', path('nothing.backup')],
  );
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "0 objects imported\nthere was nothing to import: is --etcd-prefix=/other that kube-apiserver's?",
  });
});

test('a cluster is imported through its API, with the rights of the user', async () => {
  const source = await startLocalServer({ dataDir: path('imported') });
  try {
    await source.run(['-n', 'shop', 'create', 'configmap', 'more', '--from-literal=n=1']);
    const { status, stderr } = zeroplane(
      'import',
      `--kubeconfig=${source.kubeconfig}`,
      `--kubectl=${kubectlPath()}`,
      `--data-dir=${path('copied')}`,
    );
    expect(status, stderr).toBe(0);
    const copy = await startLocalServer({ dataDir: path('copied') });
    try {
      const more = { kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'more' } };
      for (const object of [...EXPECTED, more]) {
        expect(await objectOf(copy, object)).toEqual(await objectOf(source, object));
      }
    } finally {
      await copy.stop();
    }
  } finally {
    await source.stop();
  }
});

test('an unreachable cluster is reported', () => {
  const { status, stderr } = zeroplane(
    'import',
    '--kubeconfig=/none',
    '--kubectl=no-such-program',
    '--output=x',
  );
  expect({ status, stderr }).toEqual({ status: 1, stderr: "can't run no-such-program: is it installed?" });
});

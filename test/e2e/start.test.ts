import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

describe('zeroplane start', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startLocalServer();
  });
  afterAll(() => server.stop());

  test('kubectl connects with the written kubeconfig', async () => {
    const version = JSON.parse(await server.run(['version', '-o', 'json'])) as {
      serverVersion: { gitVersion: string };
    };
    expect(version.serverVersion.gitVersion).toMatch(/^v1\.37\./);
    expect(await server.run(['get', 'namespaces', '-o', 'name'])).toBe(
      ['default', 'kube-node-lease', 'kube-public', 'kube-system']
        .map((name) => `namespace/${name}\n`)
        .join(''),
    );
    expect(await server.run(['get', '--raw', '/readyz'])).toBe('ok');
  });

  test('prints what it does and which flags it accepts', async () => {
    const metrics = await server.run(['get', '--raw', '/metrics']);
    expect(metrics).toMatch(/^apiserver_request_total\{.*verb="GET"/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+/m);
  });
});

test('npm start is npm and the server: ending either ends both', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const args = ['start', '--', '--in-memory', '--secure-port=0', `--data-dir=${dataDir}`];
  const npm = spawn('npm', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(npm, 'exit');
  for await (const line of createInterface({ input: npm.stdout })) if (/^zeroplane ready/.test(line)) break;
  const children = readFileSync(`/proc/${npm.pid}/task/${npm.pid}/children`, 'utf8').trim().split(' ');
  expect(children.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'))).toEqual([
    expect.arrayContaining(['infra/local/zeroplane.mjs', 'start']),
  ]);
  const [server] = children.map(Number);
  process.kill(server!, 'SIGTERM');
  await exited;
  expect(() => process.kill(server!, 0)).toThrow('ESRCH');
  rmSync(dataDir, { recursive: true });
});

test("without kube-controller-manager's controllers the API server's own controllers run", async () => {
  const server = await startLocalServer({ args: ['--controllers=-*'] });
  try {
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' };
    const schema = { openAPIV3Schema: { type: 'object' } };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
    await server.run(['create', '--validate=false', '-f', '-'], JSON.stringify(definition));
    await server.run(['wait', '--for=condition=Established', 'crd/widgets.example.com', '--timeout=20s']);
    const trust = await server.run([
      ...['get', 'configmap', '-n', 'kube-system', 'extension-apiserver-authentication'],
      ...['-o', 'jsonpath={.data.client-ca-file}{.data.requestheader-allowed-names}'],
    ]);
    expect(trust).toMatch(/^-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\n\[.*\]$/);
    expect(await server.run(['get', 'serviceaccounts', '-A', '-o', 'name'])).toBe('');
  } finally {
    await server.stop();
  }
});

test('data survives a restart, and the kubeconfig stays valid for the same port', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kept' } });
  const first = await startLocalServer({ dataDir });
  await first.run(['create', '--validate=false', '-f', '-'], manifest);
  expect(await first.stop()).toBe(0);
  const second = await startLocalServer({ dataDir });
  try {
    expect(await second.run(['get', 'namespace', 'kept', '-o', 'name'])).toBe('namespace/kept\n');
  } finally {
    expect(await second.stop()).toBe(0);
  }
});

test('a folder of any name works, and is readable by its owner only', async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'zeroplane-')), "it's here");
  const server = await startLocalServer({ dataDir });
  try {
    expect(await server.run(['get', '--raw', '/readyz'])).toBe('ok');
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  } finally {
    expect(await server.stop()).toBe(0);
  }
});

test('two tenants in one process are isolated', async () => {
  const server = await startLocalServer({ args: ['--tenant=one', '--tenant=two'] });
  const as = (tenant: string, ...command: string[]) =>
    server.run([`--kubeconfig=${join(server.dataDir, `${tenant}.kubeconfig`)}`, ...command]);
  try {
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } });
    await server.run(
      [`--kubeconfig=${join(server.dataDir, 'two.kubeconfig')}`, 'create', '--validate=false', '-f', '-'],
      manifest,
    );
    expect(await as('two', 'get', 'namespace', 'mine', '-o', 'name')).toBe('namespace/mine\n');
    expect((await as('one', 'get', 'namespaces', '-o', 'name')).split('\n')).not.toContain('namespace/mine');
  } finally {
    await server.stop();
  }
});

test.each([
  ['--secure-port=x', 'invalid --secure-port: must be between 0 and 65535'],
  ['--tenant=Upper', 'invalid tenant name "Upper"'],
  ['--no-such-flag=1', 'unknown flag: --no-such-flag'],
  ['--max-requests-inflight=many', 'invalid argument "many" for "--max-requests-inflight" flag'],
  // Known only once everything else runs.
  ['--write-kubeconfig=/dev/null/kubeconfig', '/dev/null: something else has that name'],
])('%s is rejected with a reason', async (flag, message) => {
  await expect(startLocalServer({ args: [flag] })).rejects.toThrow(message);
});

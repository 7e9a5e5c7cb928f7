/** A data directory belongs to a single server: each of two would assume that all writes are its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test, vi } from 'vitest';
import { rotateAuthorities } from '../../infra/cli/keys/rotate-authorities.ts';
import { startDynamoDBServer } from '../../infra/emulator/dynamodb-server.ts';
import { ensurePKI } from '../../infra/local/keys/pki.ts';
import { writeKubeconfig } from '../../infra/local/kubeconfig.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

vi.setConfig({ testTimeout: 120_000 });

const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  folders.push(folder);
  return folder;
}

/** A server process that is ready; unlike that of `startLocalServer`, it can be killed. */
async function startProcess(dataDir: string): Promise<ChildProcess & { readonly pid: number }> {
  const command = [resolve('infra/local/zeroplane.mjs'), 'start', '--secure-port=0', `--data-dir=${dataDir}`];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('zeroplane ready')) return child as ChildProcess & { readonly pid: number };
  }
  throw new Error('the server did not start');
}

test('a second server is rejected with a reference to the first, with or without persistence', async () => {
  const dataDir = newFolder();
  const { pid } = await startProcess(dataDir);
  for (const args of [[], ['--in-memory']]) {
    await expect(startLocalServer({ dataDir, args })).rejects.toThrow(
      `${dataDir} is in use by the zeroplane of pid ${pid}: stop it, or choose another --data-dir`,
    );
  }
  rmSync(join(dataDir, 'lock'));
  await expect(startLocalServer({ dataDir })).rejects.toThrow(
    `${dataDir} is in use by the zeroplane of pid unknown: stop it, or choose another --data-dir`,
  );
});

test('a server whose key is lost or damaged does not start, and the message says how to go on', async () => {
  const dataDir = newFolder();
  await (await startLocalServer({ dataDir })).stop();
  const key = join(dataDir, 'pki/default/sa.key');
  const restore = `restore it, or delete ${dirname(key)} to start with new keys and certificates`;
  writeFileSync(key, 'none');
  await expect(startLocalServer({ dataDir })).rejects.toThrow(`${key} is damaged: ${restore}`);
  rmSync(key);
  await expect(startLocalServer({ dataDir })).rejects.toThrow(`${key} is lost: ${restore}`);
});

test("a fleet's key of its tenants is not replaced when it is lost or damaged", async () => {
  const dataDir = newFolder();
  await (await startLocalServer({ dataDir, args: ['--fleet'] })).stop();
  const key = join(dataDir, 'pki/fleet/tenant-keys.key');
  const restore = 'restore it; the keys of all tenants are encrypted with it';
  writeFileSync(key, 'none');
  await expect(startLocalServer({ dataDir, args: ['--fleet'] })).rejects.toThrow(
    `${key} is damaged: ${restore}`,
  );
  rmSync(key);
  await expect(startLocalServer({ dataDir, args: ['--fleet'] })).rejects.toThrow(
    `${key} is lost: ${restore}`,
  );
});

test('a server starts after its predecessor was killed, and finds its data', async () => {
  const dataDir = newFolder();
  const first = await startProcess(dataDir);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = await startLocalServer({ dataDir });
  try {
    expect(await second.run(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
  } finally {
    await second.stop();
  }
});

test('files are readable by their owner only, even if they were not before', async () => {
  const dataDir = newFolder();
  chmodSync(dataDir, 0o755);
  writeFileSync(join(dataDir, 'dynamodb.sqlite'), '', { mode: 0o644 });
  await startProcess(dataDir);
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const modes = Object.fromEntries(
    (readdirSync(dataDir, { recursive: true }) as string[])
      .filter((name) => !name.endsWith('.crt'))
      .map((name) => [name, modeOf(join(dataDir, name))]),
  );
  const files = Object.entries(modes).filter(([name]) => !['pki', 'pki/default'].includes(name));
  expect([modeOf(dataDir), modes['pki']]).toEqual(['700', '700']);
  expect(files.filter(([, mode]) => mode !== '600')).toEqual([]);
  expect(files.map(([name]) => name)).toContain('dynamodb.sqlite');
});

test('a server restarts a failed store a limited number of times; then it reports the failure and exits', async () => {
  const dataDir = newFolder();
  const server = await startProcess(dataDir);
  let said = '';
  server.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(server, 'exit');
  const killed = new Set<number>();
  while (server.exitCode === null) {
    const pid = emulatorsOf(dataDir).find((found) => !killed.has(found));
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    if (pid !== undefined) killed.add(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await ended).toEqual([1, null]);
  expect(killed.size).toBe(6);
  expect(said.match(/the embedded DynamoDB has ended.*; it is started again/g)).toHaveLength(5);
  expect(said).toMatch(
    /the embedded DynamoDB has ended(: it ended before its answer)?; acknowledged writes are kept, start the server again/,
  );
  const next = await startLocalServer({ dataDir });
  expect(await next.run(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
  await next.stop();
});

function emulatorsOf(dataDir: string): number[] {
  const found = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0]!.endsWith('/dynoxide') && words.includes(join(dataDir, 'dynamodb.sqlite'));
    } catch {
      return false;
    }
  });
  return found.map(Number);
}

test("servers on an external DynamoDB share a table, and see each other's writes immediately", async () => {
  const dynamodb = await startDynamoDBServer();
  const env = { AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint };
  const dataDir = newFolder();
  const one = await startLocalServer({ dataDir, env });
  const two = await startLocalServer({ dataDir, env });
  try {
    for (let round = 0; round < 5; round++) {
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one];
      await writer.run(['create', 'configmap', `from-${round}`]);
      expect(await reader.run(['get', 'configmap', `from-${round}`, '-o', 'name'])).toBe(
        `configmap/from-${round}\n`,
      );
    }
  } finally {
    await one.stop();
    await two.stop();
    await dynamodb.stop();
  }
});

test('rotated authorities sign, and clients that know only earlier ones are accepted until those are deleted', async () => {
  const dataDir = newFolder();
  const folder = join(dataDir, 'pki/default');
  const options = { dataDir, tenant: 'default' };
  mkdirSync(folder, { recursive: true });
  await expect(rotateAuthorities(options)).rejects.toThrow(
    `there is no authority ${folder}/ca.crt: was the server ever started?`,
  );
  const { trusted, admin } = await ensurePKI(folder);
  expect(await rotateAuthorities(options)).toBe(
    'new authorities sign from the next start on; certificates of 0001 stay valid, and clients that trust 0001 trust the new ones\n' +
      `when they have expired: zeroplane rotate-authorities --data-dir ${dataDir} --tenant default --delete 0001`,
  );
  const whoAmI = async (server: LocalServer) => {
    const former = join(dataDir, 'former.kubeconfig');
    const user = { clientCertificate: admin.certificate, clientKey: admin.key };
    writeKubeconfig(former, { name: 'former', server: server.url, certificateAuthority: trusted, ...user });
    const ask = ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'];
    const { stdout, stderr } = await server.kubectl([`--kubeconfig=${former}`, ...ask]);
    return { now: await server.run(ask), former: stdout || stderr };
  };
  let server = await startLocalServer({ dataDir });
  try {
    expect(await whoAmI(server)).toEqual({ now: 'kubernetes-admin', former: 'kubernetes-admin' });
  } finally {
    await server.stop();
  }
  await expect(rotateAuthorities({ ...options, delete: '0002' })).rejects.toThrow(
    'there are no authorities 0002; there are 0001',
  );
  expect(await rotateAuthorities({ ...options, delete: '0001' })).toBe(
    'authorities 0001 are deleted: from the next start on their certificates are refused',
  );
  server = await startLocalServer({ dataDir });
  try {
    const { now, former } = await whoAmI(server);
    expect(now).toBe('kubernetes-admin');
    expect(former).toContain('certificate signed by unknown authority');
  } finally {
    await server.stop();
  }
});

/** One data directory is one server's: two would each believe that all writes are their own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test, vi } from 'vitest';
import { startEmbeddedDynamoDB } from '../../infra/local/embedded-dynamodb.ts';
import { startLocalServer } from '../fixtures/local-server.ts';

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

/** A server's process, ready; `startLocalServer` has none to kill. */
async function startProcess(dataDir: string): Promise<ChildProcess & { readonly pid: number }> {
  const command = [resolve('infra/local/zeroplane.mjs'), 'start', '--secure-port=0', `--data-dir=${dataDir}`];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('zeroplane ready')) return child as ChildProcess & { readonly pid: number };
  }
  throw new Error('the server did not start');
}

test.each([
  ['keeps its data', []],
  ['keeps none', ['--in-memory']],
])('a second server that %s is refused, and is told of the first', async (_, args) => {
  const dataDir = newFolder();
  const { pid } = await startProcess(dataDir);
  await expect(startLocalServer({ dataDir, args })).rejects.toThrow(
    `${dataDir} is in use by the zeroplane of pid ${pid}: stop it, or choose another --data-dir`,
  );
});

test('who comes after a server that was killed starts, and finds what it wrote', async () => {
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

test('servers on a DynamoDB that is nobody’s own share a table, and see each other’s writes at once', async () => {
  const dynamodb = await startEmbeddedDynamoDB();
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

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openDynamoDBSocket } from '../../../infra/local/dynamodb/dynamodb-socket.ts';
import {
  type EmbeddedDynamoDBOptions,
  startEmbeddedDynamoDB,
} from '../../../infra/local/dynamodb/embedded-dynamodb.ts';
import { locateBinary } from '../../../infra/local/dynamodb/emulator-binary.ts';
import { Journal } from '../../../infra/local/dynamodb/journal.ts';
import { readyLine } from '../../../infra/local/ready-line.ts';
import type { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { WireDynamoDBTable } from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { TableUsageCounter } from '../../../shared/storage/table-usage.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { createPod, newResource, type Pod } from '../../conformance/storage/harness.ts';
import { newTestTable } from '../../fixtures/storage.ts';

/** Starts a store and collects its log messages. */
async function start(options: EmbeddedDynamoDBOptions = {}) {
  const said: string[] = [];
  const logger = newLogger(({ message }) => said.push(message));
  const emulator = await startEmbeddedDynamoDB({ logger, ...options });
  return { emulator, said };
}

test('responds, and is gone after stop', async () => {
  const { emulator } = await start();
  const factory = new DynamoDBStorageFactory({ table: emulator.openTable('started') });
  await factory.createTable();
  await factory.createTable();
  await factory.ready();
  await emulator.stop();
  await expect(factory.ready()).rejects.toMatchObject({ code: 'Unreachable' });
  await factory.close();
});

test('a deleted table leaves no copy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const { emulator } = await start({ dataFile: join(folder, 'dynamodb.sqlite') });
  const table = emulator.openTable('deleted');
  await table.create();
  await table.remove();
  await table.remove();
  expect(
    (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.db')),
  ).toEqual([]);
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

test('it has no port, and is not reachable by other processes', async () => {
  const { emulator } = await start();
  const holder = `/proc/${emulator.pid}/fd`;
  const sockets = readdirSync(holder)
    .map((fd) => readlinkSync(join(holder, fd)))
    .flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
  const listening = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[9] ?? ''),
  );
  expect(sockets.filter((inode) => listening.includes(inode))).toEqual([]);
  await emulator.stop();
});

test('consumed capacity is reported as by DynamoDB', async () => {
  const costs = async (
    open: (onCapacity: (...told: [string, number]) => void) => Promise<ConnectedTable>,
  ) => {
    const told: [string, number][] = [];
    const table = await open((...cost) => told.push(cost));
    const items = [10, 3_000, 9_000].map((size, n) => ({ pk: 'a', sk: `${n}`, n, d: new Uint8Array(size) }));
    for (const put of items) await table.write({ put });
    await table.transact(
      items.map((put) => ({ put })),
      { notAfter: Number.MAX_SAFE_INTEGER },
    );
    const claim = { pk: 'a#head', sk: '-', from: 1, count: 2, at: 5_000, format: 1, quiet: true };
    await table.transact([{ claim }], { notAfter: Number.MAX_SAFE_INTEGER });
    for (const consistent of [true, false]) {
      for (const { pk, sk } of [...items, { pk: 'a', sk: 'none' }])
        await table.get({ pk, sk }, { consistent });
      await table.query({ pk: 'a', from: '0', to: '9', consistent });
      await table.query({ pk: 'none', from: '0', to: '9', consistent });
    }
    table.close();
    return told;
  };
  const place = await newTestTable();
  const told = await costs(async (onCapacity) => new WireDynamoDBTable({ ...place, onCapacity }));
  const { emulator } = await start();
  const piped = await costs(async (add) => {
    const table = emulator.openTable('costs', Object.assign(new TableUsageCounter(), { add }));
    await table.create();
    return table;
  });
  await emulator.stop();
  expect(piped).toEqual(told);
});

test('a persistent store is restarted when it exits, and calls continue', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const { emulator, said } = await start({ dataFile: join(folder, 'dynamodb.sqlite') });
  const table = emulator.openTable('kept');
  await table.create();
  const key = { pk: 'a', sk: 'b' };
  await table.write({ put: { ...key, rv: 1 } });
  const { pid } = emulator;
  process.kill(pid!, 'SIGKILL');
  await expect.poll(() => emulator.pid, { timeout: 5_000 }).not.toBe(pid);
  expect(await table.get(key, { consistent: true })).toEqual({ ...key, rv: 1 });
  expect(said).toEqual(['the embedded DynamoDB has ended; it is started again']);
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

test('an in-memory store is not restarted when it exits', async () => {
  const { emulator, said } = await start();
  const table = emulator.openTable('lost');
  process.kill(emulator.pid!, 'SIGKILL');
  expect(await emulator.ended).toBe('');
  await expect(table.get({ pk: 'a', sk: 'b' }, { consistent: true })).rejects.toMatchObject({
    kind: 'Unreachable',
  });
  expect(said).toEqual([]);
  await emulator.stop();
});

/** A store with data, in a file in `folder`. */
async function filled(folder: string): Promise<string> {
  const dataFile = join(folder, 'dynamodb.sqlite');
  const { emulator } = await start({ dataFile });
  const table = emulator.openTable('kept');
  await table.create();
  for (let n = 0; n < 10; n++) await table.write({ put: { pk: 'a', sk: `${n}`, d: randomBytes(100_000) } });
  await emulator.stop();
  return dataFile;
}

const DAMAGED = "the store's file is damaged, or not a zeroplane store";

test.each([
  ['no database', (file: string) => writeFileSync(file, randomBytes(8_192))],
  ['a database without its head', (file: string) => spoil(file, 0, 100)],
  ['a database with a missing entry', (file: string) => spoil(file, 4_096, 40_000)],
  ['an incomplete database', (file: string) => truncateSync(file, 9_000)],
])('%s does not start, and the message says how to fix it', async (_, harm) => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const dataFile = await filled(folder);
  harm(dataFile);
  await expect(start({ dataFile })).rejects.toThrow(
    `the embedded DynamoDB did not start: ${DAMAGED}: keep a copy of ${dataFile}, and restore a backup into an empty --data-dir (zeroplane restore) (`,
  );
  rmSync(folder, { recursive: true });
});

test('damage found later is reported in the log, by readiness, and to callers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const dataFile = await filled(folder);
  spoil(dataFile, statSync(dataFile).size - 300_000, 300_000);
  const { emulator, said } = await start({ dataFile });
  const table = emulator.openTable('kept');
  const factory = new DynamoDBStorageFactory({ table });
  await factory.ready();
  for (let round = 0; round < 2; round++) {
    await expect(table.query({ pk: 'a', from: '0', to: '9', consistent: true })).rejects.toMatchObject({
      kind: 'Broken',
      message: DAMAGED,
    });
  }
  await expect(factory.ready()).rejects.toMatchObject({ code: 'Internal', message: DAMAGED });
  expect(said).toEqual([
    `${DAMAGED}: keep a copy of ${dataFile}, and restore a backup into an empty --data-dir (zeroplane restore)`,
  ]);
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

test.skipIf(process.getuid?.() !== 0)('a full disk is reported, until there is space again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', folder]);
  try {
    const dataFile = join(folder, 'dynamodb.sqlite');
    const ballast = join(folder, 'ballast');
    const { emulator, said } = await start({ dataFile });
    const table = emulator.openTable('kept');
    await table.create();
    const factory = new DynamoDBStorageFactory({ table });
    const pods = factory.storageFor<Pod>(newResource());
    const create = (name: string) =>
      createPod(pods, name, { annotations: { data: randomBytes(60_000).toString('base64') } });
    await create('first');
    writeFileSync(ballast, Buffer.alloc(20_000_000));
    const failure = await Promise.all(Array.from({ length: 20 }, (_, n) => create(`${n}`))).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({
      code: 'Internal',
      message: "the store's disk is full",
    });
    await expect(factory.ready()).rejects.toThrow("the store's disk is full");
    expect((await pods.get('first')).key).toBe('first');
    rmSync(ballast);
    await create('last');
    await factory.ready();
    expect(said).toEqual([
      `the store's disk is full: free space on the disk of ${dataFile} (at least 64 MiB); until then nothing is written`,
      `${dataFile} can be written again`,
    ]);
    await factory.close();
    await emulator.stop();
  } finally {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  }
});

test.skipIf(process.getuid?.() !== 0)(
  'a store started on a full disk is not ready, and applies its journal first',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', folder]);
    try {
      const dataFile = await filled(folder);
      const ballast = join(folder, 'ballast');
      writeFileSync(ballast, Buffer.alloc(20_000_000));
      const { emulator, said } = await start({ dataFile });
      const advice = `free space on the disk of ${dataFile} (at least 64 MiB); until then nothing is written`;
      expect(readyLine(0, 'https://a', emulator)).toBe(
        "zeroplane is not ready at https://a: the store's disk is full",
      );
      expect(said).toEqual([`the store's disk is full: ${advice}`]);
      const table = emulator.openTable('kept');
      const key = { pk: 'a', sk: 'journaled' };
      expect(await table.get(key, { consistent: true })).toBeUndefined();
      await emulator.stop();
      const journal = new Journal(`${dataFile}.journal`);
      const Item = { pk: { S: key.pk }, sk: { S: key.sk }, rv: { N: '1' } };
      await journal.append(Buffer.from(JSON.stringify([{ Put: { TableName: 'kept', Item } }])));
      journal.close();
      await expect(start({ dataFile })).rejects.toThrow(
        /^the embedded DynamoDB did not start: the store's disk is full$/,
      );
      rmSync(ballast);
      const again = await start({ dataFile });
      expect(await again.emulator.openTable('kept').get(key, { consistent: true })).toEqual({
        ...key,
        rv: 1,
      });
      expect(readyLine(0, 'https://a', again.emulator)).toMatch(/^zeroplane ready in \d+ ms at https:\/\/a$/);
      await again.emulator.stop();
    } finally {
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    }
  },
);

function spoil(file: string, from: number, length: number): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(7, from, from + length));
}

test('another process of the same user connects through a private socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const { emulator } = await start();
  for (const place of [folder, join(folder, 'x'.repeat(100))]) {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const socket = await openDynamoDBSocket(emulator.connection!, place);
    const path = socket.endpoint.slice('unix:'.length);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    const table = new WireDynamoDBTable({ endpoint: socket.endpoint, tableName: 'socket' });
    await table.create();
    await table.write({ put: { pk: 'a', sk: 'b', rv: 1 } });
    const absent = { put: { pk: 'a', sk: 'b', rv: 2 }, condition: { kind: 'absent' } } as const;
    await expect(table.write(absent)).rejects.toMatchObject({ item: { rv: 1 } });
    table.close();
    socket.close();
    expect(existsSync(path)).toBe(false);
  }
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

test('a configured endpoint is used, and nothing is started', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:1');
  const { emulator } = await start();
  vi.unstubAllEnvs();
  expect([emulator.isOwn, emulator.pid]).toEqual([false, undefined]);
  await emulator.stop();
});

test('a missing binary is reported with the command to run', () => {
  expect(() => locateBinary('sunos-x64')).toThrow(
    'no embedded DynamoDB is packaged for sunos-x64: run one yourself, such as "npx dynoxide --port 8000", and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000',
  );
});

test('no emulator outlives a killed parent', async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', await parentProgram()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
  );
  const isRunning = () => existsSync(`/proc/${pid}`);
  expect(isRunning()).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(isRunning, { timeout: 5_000 }).toBe(false);
});

/** The module, bundled to run in plain Node. */
async function parentProgram(): Promise<string> {
  const { build } = await import('esbuild');
  const bundle = await build({
    stdin: {
      contents: `
        import { startEmbeddedDynamoDB } from './infra/local/dynamodb/embedded-dynamodb.ts';
        const { pid } = await startEmbeddedDynamoDB();
        console.log(pid);
        setInterval(() => {}, 1000);`,
      resolveDir: process.cwd(),
      sourcefile: 'parent.ts',
    },
    bundle: true,
    platform: 'node',
    external: ['@aws-sdk/*'],
    format: 'esm',
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    write: false,
  });
  return bundle.outputFiles[0]!.text;
}

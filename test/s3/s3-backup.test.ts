/** `zeroplane backup` and `restore` with `s3://bucket/prefix`, run as by an operator. */

import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type BackupCommandOptions, backup, restore } from '../../infra/cli/backup/backup.ts';
import { openBackup } from '../../infra/cli/backup/sealed-backup.ts';
import { importCluster } from '../../infra/cli/transfer/import.ts';
import { restoreEnvironment } from '../fixtures/environment.ts';
import { runCommand } from '../fixtures/run-command.ts';
import { type RunningServer, startFaultyWay, startS3 } from './s3-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
const path = (name: string): string => join(folder, name);

let s3: RunningServer;
let client: S3Client;
let recipient: string;

type Environment = Readonly<Record<string, string>>;
const environment = { ...process.env };
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs a command: exit code and standard error. */
async function zeroplane(...args: string[]): Promise<string> {
  const program = [resolve('infra/local/zeroplane.mjs'), ...args];
  const { code, stderr } = await runCommand(process.execPath, program, { env: process.env });
  return `${code} ${stderr.trim()}`;
}

/** Output of a command, or its error, with additional environment variables. */
async function said(run: () => Promise<unknown>, env: Environment = {}): Promise<string> {
  const before = { ...process.env };
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => lines.push(line));
  Object.assign(process.env, env);
  try {
    const answer = await run();
    if (typeof answer === 'string') lines.push(answer);
    return lines.join('\n');
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  } finally {
    restoreEnvironment(before);
  }
}

const store = (name: string) => ({ tenant: 'default', dataDir: path(name) });
const backupTo = (output: string, more: Partial<BackupCommandOptions> = {}, env?: Environment) =>
  said(() => backup({ ...store('data'), output, recipient: [recipient], ...more }), env);
const restoreInto = (name: string, input: string, identity?: string, env?: Environment) =>
  said(() => restore({ ...store(name), input, identity }), env);

const configMap = (name: string, data: string): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}","namespace":"shop"},"data":{"a":"${data}"}}`;

/** Objects of a data directory by key, without revisions. */
async function objects(name: string): Promise<Record<string, unknown>> {
  const file = path(`${name}.gz`);
  await backup({ ...store(name), output: file });
  const found: Record<string, unknown> = {};
  for await (const record of openBackup(createReadStream(file), undefined)) {
    if (!('key' in record)) continue;
    const { resourceVersion: _, ...metadata } = record.object.metadata;
    found[`${record.object['kind']} ${record.key}`] = { ...record.object, metadata };
  }
  return found;
}

async function names(prefix: string): Promise<string[]> {
  const Prefix = `${prefix}/`;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'backups', Prefix }));
  return Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
}

const put = (Key: string, Body: Uint8Array | string) =>
  client.send(new PutObjectCommand({ Bucket: 'backups', Key, Body }));
async function get(Key: string): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'backups', Key }));
  return await Body!.transformToByteArray();
}

beforeAll(async () => {
  s3 = await startS3();
  Object.assign(process.env, {
    ...{ HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', AWS_ENDPOINT_URL_S3: s3.endpoint },
    ...{ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' },
  });
  client = new S3Client({
    ...{ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
  await client.send(new CreateBucketCommand({ Bucket: 'backups' }));
  const identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  writeFileSync(path('identity'), identity);
  writeFileSync(path('stranger'), await generateIdentity());
  // ConfigMaps take two compressed parts; Secrets come before them.
  const large = Array.from({ length: 20 }, (_, n) =>
    configMap(`large-${n}`, randomBytes(450_000).toString('base64')),
  );
  const secret = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"shop"}}';
  writeFileSync(path('objects.yaml'), [secret, ...large].join('\n---\n'));
  await importCluster({ ...store('data'), files: path('objects.yaml'), etcdPrefix: '' });
});
afterAll(async () => {
  restoreEnvironment(environment);
  client?.destroy();
  await s3?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a backup has a file for each resource, and is restored unchanged', async () => {
  const url = 's3://backups/whole';
  expect(
    await zeroplane('backup', `--data-dir=${path('data')}`, `--recipient=${recipient}`, `--output=${url}`),
  ).toBe('0 2 resources are in the backup, encrypted');
  expect(await names('whole')).toEqual(['backup.json', 'begun.json', 'configmaps.backup', 'secrets.backup']);
  expect(
    await zeroplane(
      'restore',
      `--data-dir=${path('other')}`,
      `--identity=${path('identity')}`,
      `--input=${url}`,
    ),
  ).toBe('0 21 objects in the backup: 21 written, 0 unchanged, 0 others deleted');
  expect(await objects('other')).toEqual(await objects('data'));
});

test('one of its files is a backup of one resource', async () => {
  writeFileSync(path('secrets.backup'), await get('whole/secrets.backup'));
  expect(await restoreInto('secrets', path('secrets.backup'), path('identity'))).toBe(
    '1 objects in the backup: 1 written, 0 unchanged, 0 others deleted',
  );
});

const NOT_FINISHED = (prefix: string) =>
  `failed: the backup in s3://backups/${prefix} is not finished: rerun the command that started it`;

test('an interrupted upload is resumed, with a message', async () => {
  const url = 's3://backups/broken';
  const way = await startFaultyWay(s3.endpoint, (asked) =>
    asked.method === 'PUT' && asked.url!.includes('partNumber=2') ? 'reset' : undefined,
  );
  expect(await backupTo(url, {}, { AWS_ENDPOINT_URL_S3: way.endpoint })).toMatch(
    /^failed: s3:\/\/backups\/broken: S3 can't be reached: [^\n]+$/,
  );
  await way.close();
  expect(await names('broken')).toEqual(['begun.json', 'secrets.backup']);
  expect(await restoreInto('untouched', url, path('identity'))).toBe(NOT_FINISHED('broken'));
  expect(await backupTo(url, { events: true })).toBe(
    `failed: ${url} has an unfinished backup of default with other options: choose another prefix`,
  );
  const secrets = await get('broken/secrets.backup');
  expect(await backupTo(url)).toMatch(
    /^resuming the backup of \S+: 1 resources are complete\n2 resources are in the backup, encrypted$/,
  );
  expect(await get('broken/secrets.backup')).toEqual(secrets);
  expect(await restoreInto('resumed', url, path('identity'))).toMatch(
    /^21 objects in the backup: 21 written/,
  );
});

test('an interrupted download is resumed', async () => {
  let asked = 0;
  const way = await startFaultyWay(s3.endpoint, ({ method, url = '' }) =>
    method === 'GET' && url.includes('configmaps') && asked++ < 3 ? 'cut' : undefined,
  );
  const env = { AWS_ENDPOINT_URL_S3: way.endpoint };
  expect(await restoreInto('patient', 's3://backups/whole', path('identity'), env)).toMatch(
    /^21 objects in the backup: 21 written/,
  );
  await way.close();
  // The file is read twice.
  expect(asked).toBe(3 + 2);
});

describe('errors are reported in one line', () => {
  test.each<[string, string, Environment, string]>([
    ['no prefix', 's3://backups/', {}, 's3://backups/ names no bucket and prefix: write s3://bucket/prefix'],
    ['no bucket', 's3://other/a', {}, 'there is no bucket other'],
    [
      'no credentials',
      's3://backups/a',
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      'no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    [
      'no server',
      's3://backups/a',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      "s3://backups/a: S3 can't be reached: connect ECONNREFUSED 127.0.0.1:1",
    ],
    [
      'an existing backup',
      's3://backups/whole',
      {},
      's3://backups/whole already has a backup: choose another prefix',
    ],
  ])('%s', async (_, url, env, message) => {
    expect(await backupTo(url, {}, env)).toBe(`failed: ${message}`);
  });

  test('another object exists', async () => {
    await put('else/a', 'a');
    expect(await backupTo('s3://backups/else')).toBe(
      'failed: s3://backups/else has something other than a backup: choose another prefix',
    );
  });

  test('it was started long ago', async () => {
    const begunAt = '2020-01-01T00:00:00.000Z';
    const begun = { begunAt, source: 'default', events: false, recipients: [recipient] };
    await put('old/begun.json', JSON.stringify(begun));
    expect(await backupTo('s3://backups/old')).toBe(
      'failed: s3://backups/old has an unfinished backup that was started more than a day ago: choose another prefix',
    );
  });

  const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket: 'backups', Key }));
  const nothing = async () => undefined;
  const SECRETS = 's3://backups/spoilt/secrets.backup';
  test.each<[string, () => Promise<unknown>, string | undefined, string]>([
    ['no backup', () => remove('spoilt/backup.json'), 'identity', NOT_FINISHED('spoilt')],
    [
      'invalid JSON',
      () => put('spoilt/backup.json', '{'),
      'identity',
      'failed: s3://backups/spoilt/backup.json is damaged: it is not JSON',
    ],
    [
      'a truncated file',
      async () => put('spoilt/secrets.backup', (await get('spoilt/secrets.backup')).slice(0, -9)),
      'identity',
      `failed: ${SECRETS} was changed after the backup was finished`,
    ],
    ['a missing file', () => remove('spoilt/secrets.backup'), 'identity', `failed: ${SECRETS} is gone`],
    [
      'no identity',
      nothing,
      undefined,
      `failed: ${SECRETS}: the backup is encrypted: name the file with your age identity (--identity)`,
    ],
    [
      'another identity',
      nothing,
      'stranger',
      `failed: ${SECRETS}: the backup can't be decrypted: no identity matched any of the file's recipients`,
    ],
  ])('a restore: %s', async (_, spoil, identity, message) => {
    for (const name of await names('whole')) await put(`spoilt/${name}`, await get(`whole/${name}`));
    await spoil();
    const named = identity && path(identity);
    expect(await restoreInto('untouched', 's3://backups/spoilt', named)).toBe(message);
    expect(existsSync(path('untouched'))).toBe(false);
  });
});

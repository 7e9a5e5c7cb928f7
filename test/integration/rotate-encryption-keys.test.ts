/** `zeroplane rotate-encryption-keys` while a server writes. */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type RotateEncryptionOptions,
  rotateEncryptionKeys,
} from '../../infra/cli/keys/rotate-encryption-keys.ts';
import { type LocalControlPlane, startControlPlane } from '../../infra/local/control-plane.ts';
import { FIRST_KEY, LAST_KEY, logOf } from '../../shared/storage/dynamodb/layout.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { call } from '../fixtures/api-server.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
const file = join(folder, 'encryption.yaml');
const tenant = `keys${process.pid}`;
const SECRETS = '/api/v1/namespaces/default/secrets';
const headers = { authorization: 'Bearer of-the-admin' };
let table: SDKDynamoDBTable;

beforeAll(async () => {
  const endpoint = await testDynamoDBEndpoint();
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = endpoint;
  table = new SDKDynamoDBTable({ tableName: `zeroplane-${tenant}`, endpoint, now: Date.now });
  writeFileSync(join(folder, 'tokens.csv'), 'of-the-admin,admin,1,system:masters');
  writeFileSync(
    file,
    `# kept by hand
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - aesgcm: { keys: [{ name: key1, secret: ${Buffer.alloc(32, 1).toString('base64')} }] }
      - identity: {}
`,
    { mode: 0o600 },
  );
});
afterAll(() => {
  delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  rmSync(folder, { recursive: true, force: true });
});

const rotate = (options: Partial<RotateEncryptionOptions>) =>
  rotateEncryptionKeys({ tenant, encryptionProviderConfig: file, ...options });

async function whileRunning(work: (server: LocalControlPlane) => Promise<void>): Promise<void> {
  const plane = await startControlPlane({
    ...{ tenant, folder, table, isAlone: false, controllers: ['-*'] },
    serverOptions: { tokenAuthFile: join(folder, 'tokens.csv'), encryptionProviderConfig: file },
    logger: newLogger(() => undefined),
  });
  try {
    await work(plane);
  } finally {
    await plane.close();
  }
}

const put = async ({ handler }: LocalControlPlane, name: string) => {
  const { status } = await call({ handler }, 'POST', SECRETS, { headers, body: { metadata: { name } } });
  expect(status).toBe(201);
};
const names = async ({ handler }: LocalControlPlane) => {
  const { json } = await call({ handler }, 'GET', SECRETS, { headers });
  return (json as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
};

/** Simulates that a day has passed: all log entries expire. */
async function ageLog(): Promise<void> {
  const pk = logOf('/registry/core/secrets');
  const { items } = await table.query({ pk, from: FIRST_KEY, to: LAST_KEY, consistent: true });
  for (const item of items) {
    await table.write({ put: { ...item, ttl: 1 } });
  }
}

test('running servers change from one key to the next, and the old one is deleted when no value uses it', async () => {
  await whileRunning(async (server) => {
    await put(server, 'one');
    expect(await rotate({ add: true })).toBe(
      'key key2 decrypts: when all servers have the file, continue with --use',
    );
    // A server started earlier, without the new key.
    await put(server, 'two');
  });
  await whileRunning(async (reading) => {
    expect(await rotate({ use: true })).toBe(
      'key key2 encrypts: when all servers have the file, continue with --rewrite',
    );
    await whileRunning(async (writing) => {
      await put(writing, 'three');
      expect(await names(reading)).toEqual(['one', 'three', 'two']);
    });
  });
  await expect(rotate({ delete: 'key1' })).rejects.toThrow(
    'key key1 is in use by values of secrets (4): --rewrite rewrites objects; entries of the log expire a day after that',
  );
  expect(await rotate({ rewrite: true })).toMatch(/^2 objects rewritten; a day later/);
  // Repeated, as after an interruption.
  expect(await rotate({ rewrite: true })).toMatch(/^0 objects rewritten/);
  await expect(rotate({ delete: 'key1' })).rejects.toThrow('key key1 is in use by values of secrets (2)');
  await ageLog();
  expect(await rotate({ delete: 'key1' })).toBe('key key1 is deleted: no value uses it');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('# kept by hand');
  expect(text.match(/name: \w+/g)).toEqual(['name: key2']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await whileRunning(async (server) => expect(await names(server)).toEqual(['one', 'three', 'two']));
});

test.each<[string, Partial<RotateEncryptionOptions>, string]>([
  ['deletion of the encrypting key', { delete: 'key2' }, "key key2 encrypts: it can't be deleted"],
  ['deletion of an unknown key', { delete: 'key7' }, 'there is no key key7; there are key2'],
  ['several steps', { add: true, use: true }, 'one step at a time: --add, --use, --rewrite or --delete'],
  ['a full rotation while servers may run', {}, 'servers may run: take the steps one by one'],
  [
    'a missing configuration file',
    { encryptionProviderConfig: undefined },
    'name the file with the keys: --encryption-provider-config',
  ],
])('%s is rejected', async (_, options, message) => {
  await expect(rotate(options)).rejects.toThrow(message);
});

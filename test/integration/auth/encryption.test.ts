/** The stored data under an EncryptionConfiguration, with a complete server. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { unpack } from '../../../shared/storage/dynamodb/images.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { newTestTable } from '../../fixtures/storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-encryption-'));
afterAll(() => rmSync(folder, { recursive: true }));
let table: { endpoint: string; tableName: string };
beforeAll(async () => {
  table = await newTestTable();
});

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

let files = 0;
/** Restarts the server on the same table. */
async function restart(...providers: unknown[]): Promise<void> {
  await server?.close();
  const path = join(folder, `encryption-${++files}.json`);
  const resources = [{ resources: ['secrets', 'widgets.example.com'], providers }];
  writeFileSync(
    path,
    JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources }),
  );
  const storageFactory = new SDKStorageFactory(table);
  server = await startTestServer({ encryptionProviderConfig: path }, { storage: storageFactory });
  const { close } = server;
  server = {
    ...server,
    close: async () => {
      await close();
      await storageFactory.close();
    },
  };
}

/** Values are compressed before encryption: unencrypted ones can be decompressed. */
function textOf({ B, ...other }: AttributeValue): string {
  if (B === undefined) return JSON.stringify(other);
  const text = Buffer.from(B).toString('latin1');
  try {
    return `${text}\n${Buffer.from(unpack(B)).toString('latin1')}`;
  } catch {
    return text;
  }
}
/** All contents of the table as text. */
async function stored(): Promise<string[]> {
  const client = new DynamoDBClient({
    endpoint: table.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const items: string[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table.tableName })) {
    for (const item of Items) items.push(Object.values(item).map(textOf).join('\n'));
  }
  client.destroy();
  return items;
}
const count = (items: readonly string[], text: string) => items.filter((item) => item.includes(text)).length;

const key = (name: string, fill: number) => ({
  aesgcm: { keys: [{ name, secret: Buffer.alloc(32, fill).toString('base64') }] },
});
const SECRETS = '/api/v1/namespaces/default/secrets';
const VALUE = Buffer.from('correct horse').toString('base64');
const secret = (name: string) => ({ metadata: { name }, data: { password: VALUE } });

test('plain, encrypted, rewritten, rotated, and plain again', async () => {
  await restart({ identity: {} });
  expect((await call(server!, 'POST', SECRETS, { body: secret('first') })).status).toBe(201);
  expect(count(await stored(), VALUE), 'the test sees plain values').toBeGreaterThan(0);

  await restart(key('one', 1), { identity: {} });
  expect((await call(server!, 'POST', SECRETS, { body: secret('second') })).status).toBe(201);
  const before = await stored();
  const { json: list } = await call(server!, 'GET', SECRETS);
  const items = list!['items'] as { metadata: { name: string; resourceVersion: string } }[];
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['first', 'second']);
  expect(items).toMatchObject([{ data: { password: VALUE } }, { data: { password: VALUE } }]);
  expect(count(before, 'k8s:enc:aesgcm:v1:one:')).toBeGreaterThan(0);

  // `kubectl get secrets -o json | kubectl replace -f -`: unchanged objects are rewritten once.
  const replace = async (name: string) => {
    const { json } = await call(server!, 'GET', `${SECRETS}/${name}`);
    const answer = await call(server!, 'PUT', `${SECRETS}/${name}`, { body: json });
    expect(answer.status).toBe(200);
    return (
      (answer.json!['metadata'] as { resourceVersion: string }).resourceVersion !==
      (json!['metadata'] as { resourceVersion: string }).resourceVersion
    );
  };
  expect([await replace('first'), await replace('first'), await replace('second')]).toEqual([
    true,
    false,
    false,
  ]);

  await restart(key('two', 2), key('one', 1));
  expect([await replace('first'), await replace('second')]).toEqual([true, true]);
  await restart(key('two', 2));
  expect((await call(server!, 'GET', SECRETS)).json!['items']).toHaveLength(2);

  await restart({ identity: {} }, key('two', 2));
  expect(await replace('first')).toBe(true);
  await restart({ identity: {} });
  expect((await call(server!, 'GET', `${SECRETS}/first`)).json).toMatchObject({ data: { password: VALUE } });
  // A value that was not rewritten is encrypted with a removed key.
  expect((await call(server!, 'GET', `${SECRETS}/second`)).status).toBe(500);
});

test('an encrypted object is nowhere in the table in plain text, including logs of changes and deletions', async () => {
  await restart(key('one', 1), { identity: {} });
  const name = 'log';
  const needle = Buffer.from('battery staple').toString('base64');
  await call(server!, 'POST', SECRETS, { body: { ...secret(name), data: { password: needle } } });
  await call(server!, 'PATCH', `${SECRETS}/${name}`, {
    body: { metadata: { annotations: { note: needle } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await call(server!, 'DELETE', `${SECRETS}/${name}`);
  const large = {
    ...secret('large'),
    data: { password: needle, noise: Buffer.alloc(600_000, 'x').toString('base64') },
  };
  expect((await call(server!, 'POST', SECRETS, { body: large })).status).toBe(201);
  const items = await stored();
  for (const text of [needle, 'battery staple']) expect(count(items, text), text).toBe(0);
});

const notTransformable = (key: string) =>
  `StorageError: corrupt object, Code: 7, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: data from the storage is not transformable revision=0: `;
const UNSAFE = 'ignoreStoreReadErrorWithClusterBreakingPotential';

test('values without a matching key are reported as by upstream, and can be deleted on request', async () => {
  await restart(key('lost', 8));
  for (const name of ['lost-a', 'lost-b']) await call(server!, 'POST', SECRETS, { body: secret(name) });
  await restart(key('new', 9));
  await call(server!, 'POST', SECRETS, { body: secret('kept') });
  const answer = async (method: string, path: string) => {
    const { status, json } = await call(server!, method, `${SECRETS}${path}`);
    const { reason, message = '' } = json as { reason?: string; message?: string };
    return [status, reason, message.replace(/(not transformable revision=0: ).*?( \(and|$)/, '$1$2')];
  };
  const one = `Internal error occurred: ${notTransformable('/secrets/default/lost-a')}`;
  expect(await answer('GET', '/lost-a')).toEqual([500, 'InternalError', one]);
  expect(await answer('DELETE', '/lost-a')).toEqual([500, 'InternalError', one]);
  const { json: list } = await call(server!, 'GET', SECRETS);
  const { reason, details } = list as { reason: string; details: { causes: { field: string }[] } };
  expect([reason, details.causes.map(({ field }) => field)]).toEqual([
    'StorageReadError',
    expect.arrayContaining(['/registry/secrets/default/lost-a', '/registry/secrets/default/lost-b']),
  ]);
  expect(await answer('DELETE', `/lost-a?${UNSAFE}=true&dryRun=All`)).toEqual([200, undefined, '']);
  expect(await answer('DELETE', `/lost-a?${UNSAFE}=true`)).toEqual([200, undefined, '']);
  expect(await answer('DELETE', `/lost-a?${UNSAFE}=true`)).toEqual([
    404,
    'NotFound',
    'secrets "lost-a" not found',
  ]);
  expect(await answer('DELETE', `/kept?${UNSAFE}=true`)).toEqual([
    409,
    'Conflict',
    'Operation cannot be fulfilled on secrets "kept": StorageError: invalid object, Code: 4, Key: /registry/secrets/default/kept, ResourceVersion: 0, AdditionalErrorMsg: unsafe deletion is not allowed because the object is decodable from storage',
  ]);
  expect(await answer('DELETE', `?${UNSAFE}=true`)).toEqual([
    422,
    'Invalid',
    `DeleteOptions.meta.k8s.io "" is invalid: ${UNSAFE}: Invalid value: true: is not allowed with DELETECOLLECTION, try again after removing the option`,
  ]);
});

/** The reach of a tenant's credentials under the template's policies: code with mixed-up tenants is stopped. */

import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TenantCredentials } from '../../../functions/adapter/tenant-credentials.ts';
import { type AccessProxy, startAccessProxy } from '../../../infra/emulator/access-proxy.ts';
import { readTemplate } from '../../../infra/emulator/template.ts';
import { TenantDirectory } from '../../../shared/fleet/tenant-directory.ts';
import { purgeTenant } from '../../../shared/storage/dynamodb/copy-tenant.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { DynamoDBTable } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { RESOURCES } from '../../../shared/storage/dynamodb/layout.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import {
  SignedDynamoDBTable,
  type SignedDynamoDBTableOptions,
} from '../../../shared/storage/dynamodb/signed-dynamodb-table.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { restoreEnvironment } from '../../fixtures/environment.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';
import { CONFIG } from '../../simulation/things.ts';

const ID = 'acme.0a1b2c3d';
const OTHER = 'acme-2.0a1b2c3d';

let access: AccessProxy;
let place: Parameters<typeof startAccessProxy>[0];
let own: SignedDynamoDBTable;
const tables: SignedDynamoDBTable[] = [];
const before = { ...process.env };
let tableName: string;

/** Opens the table as functions do. */
function open(credentials: SignedDynamoDBTableOptions['credentials']): SignedDynamoDBTable {
  const table = new SignedDynamoDBTable({
    endpoint: access.endpoint,
    region: 'us-east-1',
    tableName,
    credentials,
  });
  tables.push(table);
  return table;
}

const functionKey = (role: string) => ({ accessKeyId: role, secretAccessKey: 'local' });

beforeAll(async () => {
  const dynamodbEndpoint = await testDynamoDBEndpoint();
  const fleet = `access-${process.pid}`;
  const template = readTemplate(join(resolve(import.meta.dirname, '../../..'), 'infra/deploy/fleet.yaml'), {
    Fleet: fleet,
  });
  tableName = `zeroplane-${fleet}`;
  const direct = new SDKDynamoDBTable({ endpoint: dynamodbEndpoint, tableName });
  await direct.create();
  direct.close();
  place = { template, dynamodbEndpoint };
  access = await startAccessProxy(place);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_STS: access.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'FleetRole',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  own = open(new TenantCredentials('arn:aws:local:::TenantRole.Arn').of(ID));
});
afterAll(() => {
  restoreEnvironment(before);
  for (const table of tables) table.close();
  access.close();
});
beforeEach(() => {
  (access.calls as unknown[]).length = 0;
});

const REFUSED = expect.objectContaining({ kind: 'Refused' });
const key = { pk: '/registry/configmaps', sk: 'default/x' };
const row = { ...key, rv: 1 };
const head = { pk: '/registry/configmaps#head', sk: '-' };

test("a tenant's credentials suffice for the storage", async () => {
  const table = new TenantTable(own, ID);
  await table.write({ put: { pk: RESOURCES, sk: row.pk } });
  await table.write({ put: row });
  expect(await table.get(key, { consistent: true })).toEqual(row);
  expect((await table.query({ pk: row.pk, from: 'a', to: 'z', consistent: true })).items).toEqual([row]);
  await table.allocate({ ...head, count: 1, at: 5, format: 1, last: { before: 1 } });
  await table.raiseResolved(head, { resolved: 1, resolvedAt: 1 });
  await table.transact(
    [{ put: { ...row, sk: 'default/y' } }, { put: { ...row, pk: '/registry/configmaps#log', sk: '1' } }],
    { notAfter: Date.now() + 10_000 },
  );
  await purgeTenant(table);
  expect(await table.get(key, { consistent: true })).toBeUndefined();
  const keys = access.calls.flatMap(({ context }) => context['dynamodb:LeadingKeys'] ?? []);
  expect(keys.every((key) => key.startsWith(`${ID}#`))).toBe(true);
  expect(access.calls.every(({ isAllowed }) => isAllowed)).toBe(true);
});

/** Faulty code that uses the credentials of `ID` with other keys. */
const MUTANTS: [string, () => DynamoDBTable][] = [
  ["another tenant's prefix", () => new TenantTable(own, OTHER)],
  ['the prefix of a tenant whose name begins with this name', () => new TenantTable(own, `${ID}4`)],
  ['the prefix of a tenant whose name is a prefix of this name', () => new TenantTable(own, ID.slice(0, -1))],
  ['the next incarnation of this name', () => new TenantTable(own, 'acme.ffffffff')],
  ["the management plane's prefix", () => new TenantTable(own, 'fleet')],
  ['no prefix at all', () => own],
];

describe.each(MUTANTS)('%s', (_, mutant) => {
  test.each<[string, (table: DynamoDBTable) => Promise<unknown>]>([
    ['get', (table) => table.get(key, { consistent: true })],
    ['query', (table) => table.query({ pk: row.pk, from: 'a', to: 'z', consistent: true })],
    ['put', (table) => table.write({ put: row })],
    ['delete', (table) => table.write({ delete: key })],
    [
      'allocate',
      (table) => table.allocate({ pk: 'x#head', sk: '-', count: 1, at: 5, format: 1, last: { since: 1 } }),
    ],
    ['raise', (table) => table.raiseResolved({ pk: 'x#head', sk: '-' }, { resolved: 1, resolvedAt: 1 })],
    ['transact', (table) => table.transact([{ put: row }], { notAfter: Date.now() + 10_000 })],
  ])('is denied to %s', async (_operation, run) => {
    await expect(run(mutant())).rejects.toEqual(REFUSED);
    expect(access.calls.at(-1)).toMatchObject({ role: 'TenantRole', tenant: ID, isAllowed: false });
  });
});

test('a transaction across two tenants is denied as a whole', async () => {
  const mine = { ...row, pk: `${ID}#/registry/configmaps` };
  const others = { ...row, pk: `${OTHER}#/registry/configmaps` };
  await expect(
    own.transact([{ put: mine }, { put: others }], { notAfter: Date.now() + 10_000 }),
  ).rejects.toEqual(REFUSED);
  expect(await new TenantTable(own, ID).get(key, { consistent: true })).toBeUndefined();
});

test("a tenant can't list other tenants", async () => {
  await expect(new TenantDirectory(own).read('acme-2')).rejects.toEqual(REFUSED);
});

test.each(['FleetRole', 'ControllersRole'])(
  "the %s itself has no access to a tenant's rows",
  async (role) => {
    const table = open(functionKey(role));
    expect(await new TenantDirectory(table).read('acme')).toBeUndefined();
    expect(await new TenantTable(table, 'fleet').get(key, { consistent: true })).toBeUndefined();
    await expect(new TenantTable(table, ID).get(key, { consistent: true })).rejects.toEqual(REFUSED);
    await expect(new TenantTable(table, 'fleet.0a1b2c3d').get(key, { consistent: true })).rejects.toEqual(
      REFUSED,
    );
  },
);

test.each([
  ['the management plane', 'fleet'],
  ['every tenant', '*.????????'],
  ['tenants with a common prefix', 'acme*.0a1b2c3d'],
  ['nobody', ''],
])('no session is issued for %s', async (_, id) => {
  const table = open(new TenantCredentials('arn:aws:local:::TenantRole.Arn').of(id));
  await expect(table.get(key, { consistent: true })).rejects.toEqual(REFUSED);
  expect(access.calls.every(({ action, isAllowed }) => action.startsWith('sts:') && !isAllowed)).toBe(
    access.calls.length > 0 && !access.calls[0]!.isAllowed,
  );
});

test("a session can't assume another role", async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'TenantRole';
  try {
    const table = open(new TenantCredentials('arn:aws:local:::TenantRole.Arn').of(ID));
    await expect(table.get(key, { consistent: true })).rejects.toEqual(REFUSED);
  } finally {
    process.env['AWS_ACCESS_KEY_ID'] = 'FleetRole';
  }
});

/** Runs with a separate access proxy whose sessions have this lifetime. */
async function withSessionsOf(
  sessionMs: number,
  run: (proxy: AccessProxy, table: DynamoDBTable) => Promise<void>,
) {
  const proxy = await startAccessProxy({ ...place, sessionMs });
  process.env['AWS_ENDPOINT_URL_STS'] = proxy.endpoint;
  const credentials = new TenantCredentials('arn:aws:local:::TenantRole.Arn').of(ID);
  const table = new SDKDynamoDBTable({ endpoint: proxy.endpoint, tableName, credentials });
  try {
    await run(proxy, new TenantTable(table, ID));
  } finally {
    process.env['AWS_ENDPOINT_URL_STS'] = access.endpoint;
    table.close();
    proxy.close();
  }
}

test('an expired session has no access', () =>
  withSessionsOf(-1, async (_, table) => {
    await expect(table.get(key, { consistent: true })).rejects.toEqual(REFUSED);
  }));

test('a watch continues with another session before its own expires', () =>
  // Within the minutes before expiry in which the SDK refreshes credentials.
  withSessionsOf(4 * 60_000, async ({ calls }, table) => {
    const sessions = () => calls.filter(({ action }) => action === 'sts:AssumeRole').length;
    const storage = new DynamoDBStorageFactory({ table }).storageFor(CONFIG);
    const watch = await storage.watch({ prefix: '', sendInitialEvents: false });
    const before = sessions();
    expect(before).toBeGreaterThan(0);
    for (const name of ['a/1', 'a/2']) await storage.create(name, { metadata: { name }, token: 't1' });
    const seen: unknown[] = [];
    for await (const event of watch) {
      seen.push('item' in event && [event.type, event.item.key]);
      if (seen.length === 2) watch.stop();
    }
    expect(seen).toEqual([
      ['ADDED', 'a/1'],
      ['ADDED', 'a/2'],
    ]);
    expect(sessions()).toBeGreaterThan(before);
    expect(calls.every(({ isAllowed }) => isAllowed)).toBe(true);
  }));

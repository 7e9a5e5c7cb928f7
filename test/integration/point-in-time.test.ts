/**
 * `zeroplane restore --point-in-time` against the emulator, with a proxy for the missing API: point-in-time recovery as
 * in DynamoDB's API. It restores the table's current contents; the request is verified.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTenantStore, type TenantStoreOptions } from '../../infra/cli/tenant-store.ts';
import { storageOf, storedResources } from '../../shared/backup/stored-resources.ts';
import { TenantDirectory } from '../../shared/fleet/tenant-directory.ts';
import { ANONYMOUS_HEADERS } from '../../shared/storage/dynamodb/connection.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { runCommand } from '../fixtures/run-command.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

type Body = Record<string, unknown>;
type Call = (body: Body) => Promise<Body>;

const tenant = `pitr${process.pid}`;
const source = `zeroplane-${tenant}`;
const NOON = Date.parse('2026-11-29T12:00:00Z') / 1000;
const recovering = new Set<string>([source]);
let emulator = '';
let server: Server;
let environment: NodeJS.ProcessEnv;

const ask =
  (operation: string): Call =>
  async (body) => {
    const answer = await fetch(emulator, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        ...ANONYMOUS_HEADERS,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return JSON.parse(text) as Body;
  };

const backups = (TableName: unknown): Body => ({
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: recovering.has(String(TableName))
      ? {
          PointInTimeRecoveryStatus: 'ENABLED',
          EarliestRestorableDateTime: NOON - 3600,
          LatestRestorableDateTime: NOON + 0.25,
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' },
  },
});

/** Keys and items are restored; stream, expiry, tags and protection are not. */
const LACKING: Readonly<Record<string, Call>> = {
  DescribeContinuousBackups: async ({ TableName }) => backups(TableName),
  async UpdateContinuousBackups({ TableName, PointInTimeRecoverySpecification: wanted }) {
    expect(wanted).toEqual({ PointInTimeRecoveryEnabled: true });
    recovering.add(String(TableName));
    return backups(TableName);
  },
  async RestoreTableToPointInTime({ SourceTableName, TargetTableName: TableName, RestoreDateTime }) {
    expect(RestoreDateTime).toBe(NOON);
    const { Table } = (await ask('DescribeTable')({ TableName: SourceTableName })) as { Table: Body };
    const { AttributeDefinitions, KeySchema } = Table;
    const made = { TableName, AttributeDefinitions, KeySchema, BillingMode: 'PAY_PER_REQUEST' };
    const { TableDescription } = await ask('CreateTable')(made);
    const { Items } = (await ask('Scan')({ TableName: SourceTableName, ConsistentRead: true })) as {
      Items: Body[];
    };
    for (const Item of Items) await ask('PutItem')({ TableName, Item });
    return { TableDescription };
  },
};

async function bodyOf(request: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text) as Body;
}

beforeAll(async () => {
  emulator = await testDynamoDBEndpoint();
  server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    try {
      const answer = await (LACKING[operation] ?? ask(operation))(await bodyOf(request));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end((error as Error).message);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const login = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' };
  environment = { ...process.env, ...login, AWS_ENDPOINT_URL_DYNAMODB: endpoint };
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = emulator;
  await new SDKDynamoDBTable({ tableName: source, endpoint: emulator, now: Date.now }).create();
  await put({ table: source }, 'before');
});
afterAll(() => {
  delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  server.close();
});

const CONFIG_MAPS = '/registry/core/configmaps';

async function withConfigMaps<T>(
  at: Partial<TenantStoreOptions>,
  use: (
    storage: ReturnType<Awaited<ReturnType<typeof openTenantStore>>['factory']['storageFor']>,
  ) => Promise<T>,
): Promise<T> {
  const store = await openTenantStore({ tenant, ...at });
  try {
    const resource = (await storedResources(store)).find(({ prefix }) => prefix === CONFIG_MAPS)!;
    return await use(store.factory.storageFor(storageOf(resource, store)) as never);
  } finally {
    await store.close();
  }
}

const keysAt = (at: Partial<TenantStoreOptions>) =>
  withConfigMaps(at, async (storage) => (await storage.list({ prefix: '' })).items.map(({ key }) => key));

const put = (at: Partial<TenantStoreOptions>, name: string) =>
  withConfigMaps(at, async (storage) => {
    const metadata = { name, namespace: 'default' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    return (await storage.create(`default/${name}`, object)).resourceVersion;
  });

const restore = (...args: string[]) =>
  runCommand(
    process.execPath,
    [resolve('infra/local/zeroplane.mjs'), 'restore', `--tenant=${tenant}`, ...args],
    { env: environment, input: '' },
  );

test('a point-in-time table is created beside the old one, with equal settings and greater revisions', async () => {
  const target = `${source}-20261129T120000Z`;
  const { Table } = (await ask('DescribeTable')({ TableName: source })) as { Table: { TableArn: string } };
  const Tags = [{ Key: 'zeroplane:tenant', Value: tenant }];
  await ask('TagResource')({ ResourceArn: Table.TableArn, Tags });
  await ask('UpdateTable')({ TableName: source, DeletionProtectionEnabled: true });
  const { code, stdout, stderr } = await restore('--point-in-time', 'latest');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const described = (await ask('DescribeTable')({ TableName: target })) as {
    Table: { TableArn: string; LatestStreamLabel: string; DeletionProtectionEnabled: boolean };
  };
  const { TableArn, LatestStreamLabel, DeletionProtectionEnabled } = described.Table;
  expect(stdout).toBe(
    `${target} is ${source} as of 2026-11-29T12:00:00.000Z; ${source} is kept, and 1 resources continue beyond its revisions\n` +
      'to switch to it, deploy the stack as before, with these in --parameter-overrides:\n' +
      `  TableName=${target} TableStream=${LatestStreamLabel}\n`,
  );
  expect({
    DeletionProtectionEnabled,
    ...(await ask('ListTagsOfResource')({ ResourceArn: TableArn })),
    ...(await ask('DescribeTimeToLive')({ TableName: target })),
    recovers: recovering.has(target),
  }).toEqual({
    DeletionProtectionEnabled: true,
    Tags,
    TimeToLiveDescription: { AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' },
    recovers: true,
  });
  expect(await keysAt({ table: target })).toEqual(['default/before']);
  // The old table is written to until the stack uses the new one.
  const late = await put({ table: source }, 'late');
  expect(await put({ table: target }, 'after')).toBeGreaterThan(late);
  // Repeated, as after an interruption.
  expect(await restore('--point-in-time', '2026-11-29T12:00:00Z')).toMatchObject({ code: 0, stdout });
});

test("one control plane of a fleet is restored from a copy of the fleet's table", async () => {
  const fleet = `f${tenant}`;
  const fleetTable = `zeroplane-${fleet}`;
  const copy = `${fleetTable}-20261129T120000Z`;
  recovering.add(fleetTable);
  const table = new SDKDynamoDBTable({ tableName: fleetTable, endpoint: emulator, now: Date.now });
  await table.create();
  const directory = new TenantDirectory(table);
  const register = (name: string, state: 'Active' | 'Suspended', id = `${name}-1`) =>
    directory.read(name).then((row) =>
      directory.write(
        {
          ...{ name, id, state, owner: `default/${name}`, table: fleetTable },
          ...{ arguments: [], adminARNs: [], endpoint: `https://fleet/tenants/${name}` },
        },
        row,
      ),
    );
  const at = { fleet, tenant: 'acme' };
  const other = { fleet, tenant: 'other' };
  for (const { tenant } of [at, other]) await register(tenant, 'Suspended');
  for (const place of [at, other]) await put(place, 'before');
  const moment = ['--point-in-time=latest', `--fleet=${fleet}`];
  const said = (written: number, unchanged: number, deleted: number) => ({
    code: 0,
    stdout:
      `acme is restored to 2026-11-29T12:00:00.000Z: ${written} objects written, ${unchanged} unchanged, ${deleted} others deleted\n` +
      'it is served again when its spec.suspended is false\n' +
      `${copy} is a copy of the fleet's table, from which others can be restored; when it is no longer needed:\n` +
      `  aws dynamodb delete-table --table-name ${copy}\n`,
    stderr: '',
  });
  expect(await restore(...moment, '--tenant=acme')).toEqual(said(0, 1, 0));

  for (const place of [at, other]) await put(place, 'after');
  expect(await restore(...moment, '--tenant=acme', '--namespace=shop')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'there was no namespace shop at that time\n',
  });
  expect(await restore(...moment, '--tenant=acme')).toEqual(said(0, 1, 1));
  expect([await keysAt(at), await keysAt(other)]).toEqual([
    ['default/before'],
    ['default/after', 'default/before'],
  ]);
  // It was deleted and created again.
  await register('acme', 'Suspended', 'acme-2');
  expect(await restore(...moment, '--tenant=acme')).toEqual(said(1, 0, 0));
  expect(await keysAt(at)).toEqual(['default/before']);

  await register('acme', 'Active', 'acme-2');
  await register('late', 'Suspended');
  for (const [name, message] of [
    ['acme', 'control plane acme is Active: set spec.suspended first, so that no server uses its store'],
    ['late', `${copy} has no control plane late`],
    ['none', `${fleetTable} has no control plane none`],
  ] as const) {
    expect(await restore(...moment, `--tenant=${name}`)).toEqual({
      code: 1,
      stdout: '',
      stderr: `${message}\n`,
    });
  }
});

test('a control plane with its own table is restored from a copy of that table only', async () => {
  const fleet = `o${tenant}`;
  const fleetTable = `zeroplane-${fleet}`;
  const ownTable = `${fleetTable}.own-1`;
  const [shared, own] = [fleetTable, ownTable].map(
    (tableName) => new SDKDynamoDBTable({ tableName, endpoint: emulator, now: Date.now }),
  ) as [SDKDynamoDBTable, SDKDynamoDBTable];
  for (const table of [shared, own]) await table.create();
  for (const name of [fleetTable, ownTable]) recovering.add(name);
  const entry = { name: 'own', id: 'own-1', state: 'Suspended', owner: 'default/own' } as const;
  const more = { arguments: [], adminARNs: [], endpoint: 'https://fleet/tenants/own' };
  const directory = new TenantDirectory(shared);
  await directory.write({ ...entry, ...more, table: ownTable }, undefined);
  const at = { fleet, tenant: 'own' };
  await put(at, 'before');
  const ask = ['--point-in-time=latest', `--fleet=${fleet}`, '--tenant=own'];
  const copy = `${ownTable}-20261129T120000Z`;
  const said = (written: number, unchanged: number, deleted: number) => ({
    code: 0,
    stdout:
      `own is restored to 2026-11-29T12:00:00.000Z: ${written} objects written, ${unchanged} unchanged, ${deleted} others deleted\n` +
      'it is served again when its spec.suspended is false\n' +
      `${copy} is a copy of its table; when it is no longer needed:\n` +
      `  aws dynamodb delete-table --table-name ${copy}\n`,
    stderr: '',
  });
  expect(await restore(...ask)).toEqual(said(0, 1, 0));
  await put(at, 'after');
  expect(await restore(...ask)).toEqual(said(0, 1, 1));
  expect(await keysAt(at)).toEqual(['default/before']);

  // It is in the fleet's table now, and the earlier copy of that table does not contain it.
  await directory.write({ ...entry, ...more, table: fleetTable }, await directory.read('own'));
  await put(at, 'moved');
  const stale = `${fleetTable}-20261129T120000Z`;
  const fleetCopy = new SDKDynamoDBTable({ tableName: stale, endpoint: emulator, now: Date.now });
  await fleetCopy.create();
  await new TenantDirectory(fleetCopy).write({ ...entry, ...more, table: ownTable }, undefined);
  expect(await restore(...ask)).toEqual({
    code: 1,
    stdout: '',
    stderr: `control plane own has its data in table ${ownTable}, and ${stale} is not a copy of that\n`,
  });
});

test.each([
  [
    'a time before the window',
    ['--point-in-time', '2026-11-01T00:00:00Z'],
    `${source} can be restored to a time from 2026-11-29T11:00:00.000Z to 2026-11-29T12:00:00.250Z`,
  ],
  [
    'an invalid time',
    ['--point-in-time', 'noon'],
    '--point-in-time noon: must be latest, or a time such as 2026-11-29T10:00:00Z',
  ],
  ['a missing table', ['--point-in-time', 'latest', '--table', 'none'], 'there is no table none'],
  [
    'a part of the table',
    ['--point-in-time', 'latest', '--resource', 'secrets'],
    "--point-in-time restores a stack's whole table: --resource and --namespace are for a backup, or a fleet's control plane",
  ],
  [
    'a backup in addition',
    ['--point-in-time', 'latest', '--input', 'x'],
    'name one: --input or --point-in-time',
  ],
])('%s is rejected', async (_, args, message) => {
  const { code, stderr } = await restore(...args);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `${message}\n` });
});

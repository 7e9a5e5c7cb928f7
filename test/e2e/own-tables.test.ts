/** Tenants with their own tables in a deployed fleet: created, moved, used and deleted by the functions' bundles. */

import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { itemsOf, TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import {
  type DeployedFleet,
  type DeployedFleetTenant,
  send,
  startDeployedFleet,
} from '../fixtures/deployed-fleet.ts';
import { testDynamoDBEndpoint } from '../fixtures/storage.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 240_000 });

let fleet: DeployedFleet;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  fleet = await startDeployedFleet({ takesMs: 1_500, maxTimeoutSeconds: 120, onLog: () => undefined });
  dynamodb = new DynamoDBClient({
    endpoint: fleet.access.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ControllersRole', secretAccessKey: 'local' },
  });
});
afterAll(() => fleet.close());

interface Storage {
  readonly id: string;
  readonly table: string;
}

async function storageOf(name: string): Promise<Storage> {
  const path = 'jsonpath={.status.storage}';
  return JSON.parse(await fleet.run(['get', 'controlplane', name, '-o', path])) as Storage;
}

const change = (name: string, spec: object) =>
  fleet.run(['patch', 'controlplane', name, '--type=merge', '-p', JSON.stringify({ spec })]);

/** Resolves when the tenant's data has been moved and requests are served. */
async function movedTo(name: string, table: string): Promise<void> {
  await fleet.run([
    ...['wait', `controlplane/${name}`, `--for=jsonpath={.status.storage.table}=${table}`, '--timeout=120s'],
  ]);
  await fleet.run(['wait', `controlplane/${name}`, '--for=condition=Ready', '--timeout=60s']);
}

/** The event source mappings of a table, without identity and state. */
const heardOf = (table: string) =>
  fleet.stream.of(table).map((mapping) => {
    const { UUID: _, EventSourceArn: __, State, ...settings } = mapping as Record<string, unknown>;
    return State === 'Deleting' ? State : settings;
  });

async function isTable(name: string): Promise<boolean> {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    return Table?.TableStatus !== 'DELETING';
  } catch (error) {
    expect((error as Error).name).toBe('ResourceNotFoundException');
    return false;
  }
}

/** Keys of a tenant's items in the fleet's table. */
async function rowsOf({ id }: Storage): Promise<string[]> {
  const [tableName] = (await storageOf('mover')).table.split('.');
  const direct = new SDKDynamoDBTable({ endpoint: await testDynamoDBEndpoint(), tableName: tableName! });
  const rows = new TenantTable(direct, id);
  const keys: string[] = [];
  for (const pk of await rows.partitions()) {
    for await (const { sk } of itemsOf(rows, pk)) keys.push(`${pk} ${sk}`);
  }
  direct.close();
  return keys;
}

const CONFIG_MAPS = '/api/v1/namespaces/shop/configmaps';

/** Names of ConfigMaps seen by a client that resumes its watch until it is aborted. */
async function follow(
  { name, token }: DeployedFleetTenant,
  heard: string[],
  signal: AbortSignal,
): Promise<void> {
  let revision = '';
  const ask = (query: string) => send(fleet, { path: `/tenants/${name}${CONFIG_MAPS}${query}`, token });
  for (const chunk of await (await ask('')).toArray()) {
    revision = /"resourceVersion":"(\d+)"/.exec(String(chunk))?.[1] ?? revision;
  }
  while (!signal.aborted) {
    const answer = await ask(
      `?watch=1&timeoutSeconds=30&allowWatchBookmarks=true&resourceVersion=${revision}`,
    );
    if (answer.statusCode !== 200) {
      expect(answer.statusCode).toBe(503);
      answer.resume();
      await setTimeout(500);
      continue;
    }
    const lines = createInterface(answer);
    const end = () => {
      lines.close();
      answer.destroy();
    };
    signal.addEventListener('abort', end);
    // Caused by its own abort.
    answer.on('error', () => undefined);
    try {
      for await (const line of lines) {
        const { type, object } = JSON.parse(line) as {
          type: string;
          object: { metadata: Record<string, string> };
        };
        expect(type).not.toBe('ERROR');
        revision = object.metadata['resourceVersion']!;
        if (type === 'ADDED') heard.push(object.metadata['name']!);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}

test("a tenant's own table is created like the fleet's, its stream is consumed, and it is deleted with the tenant", async () => {
  const [acme] = await fleet.createAll(['acme'], { isolation: 'Dedicated' });
  const { id, table } = await storageOf('acme');
  const fleetTable = table.slice(0, -id.length - 1);
  expect(table).toBe(`${fleetTable}.${id}`);
  const settings = heardOf(fleetTable);
  expect(settings).toEqual([
    {
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:ControllersFunction:live',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 1,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 4,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:local:::FailedEvents.Arn' } },
      FilterCriteria: {
        Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"y":{"S":["p","d"]}}}}' }],
      },
    },
  ]);
  expect(heardOf(table)).toEqual(settings);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
  expect(Table).toMatchObject({
    DeletionProtectionEnabled: true,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  });
  const of = { TableName: table };
  expect([
    (await dynamodb.send(new DescribeTimeToLiveCommand(of))).TimeToLiveDescription?.TimeToLiveStatus,
    (await dynamodb.send(new DescribeContinuousBackupsCommand(of))).ContinuousBackupsDescription
      ?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
  ]).toEqual(['ENABLED', 'ENABLED']);
  const direct = new DynamoDBClient({
    ...{ endpoint: await testDynamoDBEndpoint(), region: 'us-east-1' },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Tags } = await direct.send(new ListTagsOfResourceCommand({ ResourceArn: Table!.TableArn }));
  expect(Tags).toEqual([
    { Key: 'zeroplane:control-plane', Value: id },
    { Key: 'zeroplane:fleet', Value: fleetTable.slice('zeroplane-'.length) },
  ]);

  await acme!.run(['create', 'namespace', 'shop']);
  await expect
    .poll(async () => (await acme!.kubectl(['-n', 'shop', 'get', 'serviceaccount', 'default'])).code, {
      timeout: 60_000,
    })
    .toBe(0);
  const events = await fleet.run([
    ...['get', 'events', '--field-selector=involvedObject.name=acme', '--sort-by=.metadata.name'],
    ...['-o', 'jsonpath={range .items[*]}{.type} {.reason}{"\\n"}{end}'],
  ]);
  expect(events.trim().split('\n')).toEqual(['Normal Provisioning', 'Normal Available']);

  await fleet.run(['delete', 'controlplane', 'acme', '--timeout=120s']);
  expect(await isTable(table)).toBe(false);
  expect(heardOf(table).filter((one) => one !== 'Deleting')).toEqual([]);
  expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

test('a tenant moves to its own table and back without lost watch events', async () => {
  const tenant = await fleet.create('mover');
  const shared = await storageOf('mover');
  const own = `${shared.table}.${shared.id}`;
  await tenant.run(['create', 'namespace', 'shop']);
  const heard: string[] = [];
  const end = new AbortController();
  const following = follow(tenant, heard, end.signal);
  const hears = async (name: string) => {
    await tenant.run(['-n', 'shop', 'create', 'configmap', name]);
    await expect.poll(() => heard.at(-1), { timeout: 60_000 }).toBe(name);
  };
  await expect.poll(() => heard, { timeout: 60_000 }).toContain('kube-root-ca.crt');
  heard.length = 0;
  await hears('before');
  await change('mover', { isolation: 'Dedicated' });
  await movedTo('mover', own);
  await hears('apart');
  await expect.poll(() => rowsOf(shared), { timeout: 60_000 }).toEqual([]);
  await change('mover', { isolation: 'Shared' });
  await movedTo('mover', shared.table);
  await expect.poll(() => isTable(own), { timeout: 60_000 }).toBe(false);
  await hears('back');
  end.abort();
  await following;
  expect(heard).toEqual(['before', 'apart', 'back']);
  expect(await tenant.run(['-n', 'shop', 'get', 'configmaps', '-o', 'name'])).toBe(
    ['apart', 'back', 'before', 'kube-root-ca.crt'].map((name) => `configmap/${name}\n`).join(''),
  );
  expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

test('a retained table stays, protected and without a consumer; a suspended tenant is deleted with its table', async () => {
  const spec = { isolation: 'Dedicated' };
  await fleet.createAll(['kept', 'resting'], spec);
  const kept = await storageOf('kept');
  const resting = await storageOf('resting');
  await change('kept', { deletionPolicy: 'Retain' });
  await change('resting', { suspended: true });
  await fleet.run(['wait', 'controlplane/resting', '--for=condition=Ready=False', '--timeout=60s']);
  await fleet.run(['delete', 'controlplane', 'kept', 'resting', '--timeout=120s']);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: kept.table }));
  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', DeletionProtectionEnabled: true });
  expect(await isTable(resting.table)).toBe(false);
  for (const { table } of [kept, resting]) {
    expect(heardOf(table).filter((one) => one !== 'Deleting')).toEqual([]);
  }
  expect(fleet.access.calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

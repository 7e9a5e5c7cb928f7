/** Tenants with tables of their own in a deployed fleet: made and ended by the functions' bundles. */

import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type DeployedFleet, startDeployedFleet } from '../fixtures/deployed-fleet.ts';

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

/** What the fleet's function hears of a table: all but whose it is, and what it has become of. */
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

test('what is retained stays, protected, and nobody hears of it; a suspended tenant goes with its table', async () => {
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

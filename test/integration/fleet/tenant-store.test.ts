/** The store of a fleet's control plane as opened by `backup`, `restore` and `fsck`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backup, restore } from '../../../infra/cli/backup/backup.ts';
import { fsck } from '../../../infra/cli/fsck.ts';
import { openTenantStore } from '../../../infra/cli/tenant-store.ts';
import { importCluster } from '../../../infra/cli/transfer/import.ts';
import { createBackup } from '../../../shared/backup/create-backup.ts';
import { HEADROOM, restoreBackup } from '../../../shared/backup/restore-backup.ts';
import { storageOf, storedResources } from '../../../shared/backup/stored-resources.ts';
import { TenantDirectory, type TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { hasSharedHeads } from '../../../shared/storage/dynamodb/heads.ts';
import { RESOURCES } from '../../../shared/storage/dynamodb/layout.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

const FLEET = `f${process.pid}`;
const tableName = `zeroplane-${FLEET}`;
const entry = (name: string, state: TenantEntry['state'], table = tableName): TenantEntry => ({
  ...{ name, state, table, id: `${name}-1`, owner: `default/${name}` },
  ...{ arguments: [], adminARNs: [], endpoint: `https://fleet/tenants/${name}` },
});

beforeAll(async () => {
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = await testDynamoDBEndpoint();
  const place = { endpoint: await testDynamoDBEndpoint(), now: Date.now };
  const table = new SDKDynamoDBTable({ tableName, ...place });
  await table.create();
  await new SDKDynamoDBTable({ tableName: `${tableName}-own`, ...place }).create();
  const directory = new TenantDirectory(table);
  await directory.write(entry('acme', 'Suspended'), undefined);
  await directory.write(entry('busy', 'Active'), undefined);
  await directory.write(entry('apart', 'Suspended', `${tableName}-own`), undefined);
});
afterAll(() => {
  delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
});

const open = (tenant: string, isExclusive = false) =>
  openTenantStore({ tenant, fleet: FLEET }, { isExclusive });

async function namesIn(tenant: string): Promise<string[]> {
  const store = await open(tenant);
  try {
    const resource = (await storedResources(store)).find(({ resource }) => resource === 'configmaps')!;
    const { items } = await store.factory.storageFor(storageOf(resource, store)).list({ prefix: '' });
    return items.map(({ key }) => key);
  } finally {
    await store.close();
  }
}

test.each(['acme', 'apart'])('a backup is restored into the rows of %s only', async (tenant) => {
  const key = `default/${tenant}`;
  const store = await open(tenant, true);
  try {
    const resource = { prefix: '/registry/core/configmaps', group: '', resource: 'configmaps' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: tenant, namespace: 'default' } };
    const { written } = await restoreBackup(
      store,
      (async function* () {
        yield { ...resource, resourceVersion: 41, objects: 1 };
        yield { key, object };
      })(),
    );
    expect(written).toBe(1);
    const records = [];
    for await (const record of createBackup(store, { source: tenant, now: 0 })) records.push(record);
    expect(records).toEqual([
      { backup: 1, createdAt: '1970-01-01T00:00:00.000Z', source: tenant },
      { ...resource, resourceVersion: 42 + HEADROOM, objects: 1 },
      { key, object: { ...object, metadata: { ...object.metadata, resourceVersion: `${42 + HEADROOM}` } } },
    ]);
  } finally {
    await store.close();
  }
  expect(await namesIn(tenant)).toEqual([key]);
  expect(await namesIn('busy')).toEqual([]);
});

test('a missing fleet option is reported', async () => {
  await expect(openTenantStore({ tenant: `acme-${FLEET}` })).rejects.toThrow(
    `there is no table zeroplane-acme-${FLEET} here; if acme-${FLEET} belongs to a fleet, name that with --fleet`,
  );
});

test.each<[tenant: string, said: string]>([
  ['busy', 'control plane busy is Active: set spec.suspended first, so that no server uses its store'],
  ['nobody', `${tableName} has no control plane nobody`],
])("%s can't be written to", async (tenant, said) => {
  await expect(open(tenant, true)).rejects.toThrow(new Error(said));
});

describe('two commands at once', () => {
  const asked = { tenant: 'acme', fleet: FLEET };
  const AT_WORK = 'another process is at work on control plane acme';
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const backupFile = join(folder, 'acme.backup');
  const manifest = join(folder, 'imported.json');
  beforeAll(async () => {
    await backup({ ...asked, output: backupFile });
    const metadata = { name: 'imported', namespace: 'default' };
    writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each<[string, () => Promise<unknown>]>([
    ['fsck --repair', () => fsck({ ...asked, repair: true })],
    ['restore', () => restore({ ...asked, input: backupFile })],
    ['import', () => importCluster({ ...asked, files: manifest, etcdPrefix: '' })],
  ])(
    '%s is refused while another works on the control plane, and goes on when that is done',
    async (_, run) => {
      const working = await open('acme', true);
      await expect(run()).rejects.toThrow(AT_WORK);
      // Reading disturbs nobody.
      await (await open('acme')).close();
      await working.close();
      await run();
    },
  );

  test('of a restore and an fsck that begin together, the second is refused', async () => {
    const outcomes = await Promise.allSettled([
      restore({ ...asked, input: backupFile }),
      fsck({ ...asked, repair: true }),
    ]);
    const refusals = outcomes.filter(({ status }) => status === 'rejected');
    expect(refusals.map((outcome) => (outcome as PromiseRejectedResult).reason.message)).toEqual([AT_WORK]);
    expect(await fsck(asked)).toBe(true);
  });
});

test('a stack’s table that a restore is the first to write to is laid out as a server would', async () => {
  const tenant = `new-${process.pid}`;
  const table = new SDKDynamoDBTable({
    ...{ tableName: `zeroplane-${tenant}`, endpoint: await testDynamoDBEndpoint(), now: Date.now },
  });
  await table.create();
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  try {
    const input = join(folder, 'acme.backup');
    await backup({ tenant: 'acme', fleet: FLEET, output: input });
    await restore({ tenant, input });
    const store = await openTenantStore({ tenant });
    const written = await store.factory.written();
    await store.close();
    expect([await hasSharedHeads(table), written?.has('/registry/core/configmaps')]).toEqual([true, true]);
    // What nobody would find any more.
    await table.write({ delete: { pk: RESOURCES, sk: '/registry/core/configmaps' } });
    expect([await fsck({ tenant }), await fsck({ tenant, repair: true }), await fsck({ tenant })]).toEqual([
      ...[false, true, true],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
    table.close();
  }
});

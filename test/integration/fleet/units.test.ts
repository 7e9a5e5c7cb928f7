/** The DynamoDB usage of a tenant's lifecycle, on which `zeroplane cost` is based. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTenantPlane } from '../../../functions/adapter/tenant-plane.ts';
import { BOOTSTRAP, PURGE } from '../../../infra/cli/cost.ts';
import { bindAdmins } from '../../../shared/fleet/bind-admins.ts';
import { TenantLedger } from '../../../shared/fleet/tenant-ledger.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { BootstrapTemplates } from '../../../shared/server/bootstrap-template.ts';
import type { ControlPlane } from '../../../shared/server/create-control-plane.ts';
import { purgeTenant } from '../../../shared/storage/dynamodb/copy-tenant.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import type { StorageConfig } from '../../../shared/storage/storage.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { createPod, names, newResource, type Pod } from '../../conformance/storage/harness.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

/** The formation of batches and the sharing of reads depend on the machine's load. */
const TOLERANCES = { least: 0.85, mostWrites: 1.25, mostReads: 2 };

/** For copying 184 objects. */
const MOST_TRANSACTIONS = 30;

vi.setConfig({ testTimeout: 240_000 });

const READS = new Set(['get', 'query']);
const logged: unknown[] = [];
const logger = newLogger(({ message }) => logged.push(message));
const bootstrapTemplates = new BootstrapTemplates();
const tableName = `units-${process.pid}`;
/** Since the last reset. */
let taken = { read: 0, write: 0, calls: new Map<string, number>() };
let shared: SDKDynamoDBTable;

beforeAll(async () => {
  shared = new SDKDynamoDBTable({
    endpoint: await testDynamoDBEndpoint(),
    tableName,
    onCapacity: (operation, consumed) => {
      taken[READS.has(operation) ? 'read' : 'write'] += consumed;
      taken.calls.set(operation, (taken.calls.get(operation) ?? 0) + 1);
    },
  });
  await shared.create();
});
afterAll(() => shared.close());

/** Counts the transactions of a tenant from now on, by the part of the API they write. */
function transactionsOf(tenant: string): () => Record<string, number> {
  const counts: Record<string, number> = {};
  const transact = shared.transact.bind(shared);
  const spy = vi.spyOn(shared, 'transact').mockImplementation((writes, options) => {
    const [first] = writes;
    const { pk } = 'put' in first! ? first.put : 'delete' in first! ? first.delete : first!.claim;
    const [, id = '', resource = ''] = /^([^#]*)#\/registry\/([^#]*)/.exec(pk) ?? [];
    if (id.startsWith(`${tenant}.`)) counts[resource] = (counts[resource] ?? 0) + 1;
    return transact(writes, options);
  });
  return () => {
    spy.mockRestore();
    return counts;
  };
}

function taking() {
  const before = taken;
  taken = { read: 0, write: 0, calls: new Map() };
  return before;
}

/** Creates a tenant and runs `run` in it; returns the tenant's rows. */
async function born(name: string, run: (plane: ControlPlane) => Promise<void>): Promise<TenantTable> {
  const id = `${name}.0a1b2c3d`;
  const table = new TenantTable(shared, id);
  const ledger = new TenantLedger({
    ...{ table: shared, tenant: { id, name }, limits: async () => undefined, isLazy: false, logger },
  });
  const storage = new DynamoDBStorageFactory({ table, ledger });
  const { plane } = await createTenantPlane(
    {
      ...{ name, id, table: tableName, owner: `default/${name}`, state: 'Active' },
      ...{ arguments: [], adminARNs: [], endpoint: `https://127.0.0.1/tenants/${name}` },
    },
    {
      ...{ table, storage, controllers: 'whenAsked', frozenBetweenRequests: true },
      cipher: new ExtendedNonceCipher(new Uint8Array(32)),
      addresses: publicAddresses(),
      bootstrapTemplates,
      logger,
    },
  );
  await plane.start();
  await bindAdmins(plane.resources, [{ user: 'ada' }]);
  await run(plane);
  await plane.close();
  await storage.close();
  await ledger.flush();
  return table;
}

/** The resources that are copied. */
const BORN = [
  ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
    (resource) => ['rbac.authorization.k8s.io', 'v1', resource] as const,
  ),
  ['flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations'],
  ['flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas'],
  ['scheduling.k8s.io', 'v1', 'priorityclasses'],
  ['apiregistration.k8s.io', 'v1', 'apiservices'],
  ['networking.k8s.io', 'v1', 'servicecidrs'],
] as const;

/** Creates a tenant; returns the contents of its objects, and their uids. */
async function bootstrapObjects(name: string): Promise<{ list: string[]; uids: string[] }> {
  const [list, uids]: [string[], string[]] = [[], []];
  await born(name, async ({ resources: { client } }) => {
    for (const [group, version, resource] of BORN) {
      const items = await client.list<KubeObject>({ group, version, resource });
      for (const { metadata, ...content } of items) {
        const { uid, creationTimestamp, resourceVersion, managedFields = [], ...kept } = metadata;
        expect(creationTimestamp).toMatch(/^\d{4}-.*Z$/);
        expect(Number(resourceVersion)).toBeGreaterThan(0);
        uids.push(uid!);
        const managed = managedFields.map(({ time: _, ...entry }) => entry);
        const text = JSON.stringify([resource, kept, managed, content]);
        // Conditions date from its own creation, not from that of the original.
        const since = /"lastTransitionTime":"([^"]*)"/g;
        for (const [, time] of text.matchAll(since)) expect(time! >= creationTimestamp!).toBe(true);
        list.push(text.replaceAll(since, ''));
      }
    }
  });
  return { list, uids };
}

test('bootstrap objects are copied from a template: the same objects with their own identity, in a few transactions', async () => {
  const first = await bootstrapObjects('first');
  const transactions = transactionsOf('second');
  const second = await bootstrapObjects('second');
  expect(second.list).toEqual(first.list);
  expect(new Set([...first.uids, ...second.uids]).size).toBe(first.list.length * 2);
  const written = transactions();
  const copied = BORN.map(([group, , resource]) => written[`${group}/${resource}`] ?? 0);
  expect(Math.min(...copied)).toBeGreaterThanOrEqual(1);
  // Eleven suffice if none is encoded after others were sent.
  expect(copied.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(MOST_TRANSACTIONS);
});

test('a tenant made from a template is created and deleted with the expected units', async () => {
  taking();
  const table = await born('acme', async (plane) => {
    expect(await plane.reconcile({ patienceMs: 1_000 })).toEqual([]);
  });
  const bootstrapUnits = taking();
  await purgeTenant(table);
  const purge = taking();
  const { least, mostReads, mostWrites } = TOLERANCES;
  expect(logged).toEqual([]);
  expect(
    Object.entries({
      bootstrapWrites: [bootstrapUnits.write / BOOTSTRAP.write, mostWrites],
      bootstrapReads: [bootstrapUnits.read / BOOTSTRAP.read, mostReads],
      purgeWrites: [purge.write / PURGE.write, mostWrites],
      purgeReads: [purge.read / PURGE.read, mostReads],
    }).filter(([, [actual, most]]) => !(least <= actual! && actual! <= most!)),
  ).toEqual([]);
});

test('a tenant with existing data creates no template', async () => {
  const own = new BootstrapTemplates();
  type Had = readonly [StorageConfig<Pod>, string];
  const newRoles = () => newResource({ resourcePrefix: '/registry/rbac.authorization.k8s.io/roles' });
  /**
   * Names of the objects after a bootstrap that writes `made` in a tenant that contained `had`, and whether it was
   * settled.
   */
  const bornWith = async (name: string, had: readonly Had[], made: string[]) => {
    const factory = new DynamoDBStorageFactory({ table: new TenantTable(shared, `${name}.0a1b2c3d`) });
    for (const [resource, key] of had) await createPod(factory.storageFor(resource), key);
    const templatedBootstrap = own.bootstrapFor('alike');
    const storage = templatedBootstrap.storageFactory(factory).storageFor(newRoles());
    const settled: string[] = [];
    await templatedBootstrap.make(
      async () => {
        const { items } = await storage.snapshot(0);
        for (const key of made) if (!names(items).includes(key)) await createPod(storage, key);
      },
      async () => settled.push('settled'),
    );
    const { items } = await storage.snapshot(0);
    await factory.close();
    return [...names(items), ...settled];
  };
  const webhooks = newResource({
    resourcePrefix: '/registry/admissionregistration.k8s.io/mutatingwebhookconfigurations',
  });
  const theirs: Had[] = ['theirs', 'b'].map((key) => [newRoles(), key]);
  expect(await bornWith('restored', theirs, ['a', 'b'])).toEqual(['a', 'b', 'theirs']);
  expect(await bornWith('changed', [[webhooks, 'theirs']], ['a', 'c'])).toEqual(['a', 'c']);
  expect(await bornWith('blank', [], ['a', 'b'])).toEqual(['a', 'b', 'settled']);
  // Objects missing from the template are created as usual.
  expect(await bornWith('more', [], ['a', 'c'])).toEqual(['a', 'b', 'c']);
  expect(await bornWith('restored-later', [[newRoles(), 'theirs']], [])).toEqual(['a', 'b', 'theirs']);
});

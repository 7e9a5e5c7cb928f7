/** The lifecycle of a tenant, interrupted at every step and resumed by a new process. */

import { X509Certificate } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LocalControlPlane as Plane, startControlPlane } from '../../../infra/local/control-plane.ts';
import { FleetHost } from '../../../infra/local/fleet/fleet-host.ts';
import { KUBERNETES_RELEASE } from '../../../shared/apis/kubernetes-release.ts';
import type { Change } from '../../../shared/controllers/controller.ts';
import { CONTROL_PLANES, type ControlPlane, RESERVED_NAMES } from '../../../shared/fleet/control-plane.ts';
import { controlPlaneDefinition } from '../../../shared/fleet/control-plane-definition.ts';
import { LifeCycleController } from '../../../shared/fleet/life-cycle-controller.ts';
import { publishUsage } from '../../../shared/fleet/publish-usage.ts';
import { TenantDirectory } from '../../../shared/fleet/tenant-directory.ts';
import type { TenantHost } from '../../../shared/fleet/tenant-host.ts';
import { TenantKeyRows } from '../../../shared/fleet/tenant-key-rows.ts';
import { NO_USAGE, UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { UsageRows } from '../../../shared/fleet/usage-rows.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { ResourceAccess } from '../../../shared/rest/resource-access.ts';
import { type Item, isTableError } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { itemsOf, TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { WireDynamoDBTable } from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { type Clock, systemClock } from '../../../shared/util/clock.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const TABLE = `fleet-${process.pid}`;
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const REVIEWS = { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews' };
const EVENTS = { group: '', version: 'v1', resource: 'events' };
const IN = { namespace: 'default' };

let endpoint: string;
let table: WireDynamoDBTable;
let plane: Plane;
const hosts: FleetHost[] = [];

beforeAll(async () => {
  endpoint = await testDynamoDBEndpoint();
  table = new WireDynamoDBTable({ endpoint, tableName: TABLE });
  await table.create();
  plane = await startControlPlane({
    tenant: 'fleet',
    folder: join(mkdtempSync(join(tmpdir(), 'zeroplane-')), 'pki'),
    table: new TenantTable(table, 'fleet'),
    isAlone: true,
    serverOptions: {},
    controllers: ['*'],
    prepare: async ({ client }) => {
      await client.create(
        DEFINITIONS,
        controlPlaneDefinition({ versions: ['1.36', KUBERNETES_RELEASE.minor] }),
      );
    },
    logger: newLogger(() => undefined),
  });
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  await plane.close();
  table.close();
});

const newObject = (name: string, spec: object = {}) => ({
  apiVersion: 'zeroplane.dev/v1alpha1',
  kind: 'ControlPlane',
  metadata: { name },
  spec,
});

class Killed extends Error {}

/** Advances with real time and by the duration of every sleep. */
let sleptMs = 0;
const clock: Clock = {
  ...systemClock,
  now: () => Date.now() + sleptMs,
  monotonic: () => performance.now() + sleptMs,
  sleep: async (ms) => {
    sleptMs += ms;
  },
};

/** Counts everything that leaves the process; the call numbered `at` is the last, before or after its effect. */
class Kill {
  readonly #at: number;
  readonly #when: 'before' | 'after';
  steps = 0;

  constructor(at: number, when: 'before' | 'after') {
    this.#at = at;
    this.#when = when;
  }

  around<T extends object>(target: T, names: readonly string[]): T {
    return new Proxy(target, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        if (!names.includes(String(name))) return value.bind(of);
        return async (...args: unknown[]) => {
          const step = this.steps++;
          if (step > this.#at || (step === this.#at && this.#when === 'before'))
            throw new Killed(String(name));
          const result: unknown = await value.apply(of, args);
          if (step === this.#at) throw new Killed(String(name));
          return result;
        };
      },
    });
  }
}

/** Shared by all processes. */
const meter = new UsageMeter();

/** A process with its own host and directory that reconciles. */
function newProcess(kill: Kill): LifeCycleController {
  const directory = new TenantDirectory(table);
  const host = new FleetHost({
    openTable: (tableName) => new WireDynamoDBTable({ endpoint, tableName }),
    tableName: TABLE,
    isAlone: false,
    directory,
    usage: meter,
    addresses: publicAddresses(),
    cipher: new ExtendedNonceCipher(new Uint8Array(32)),
    certificateAuthority: '',
    controllers: ['*'],
    endpointOf: (name) => `https://127.0.0.1:6443/tenants/${name}`,
    logger: newLogger(() => undefined),
  });
  hosts.push(host);
  const { client } = plane.resources;
  const resources: ResourceAccess = {
    lister: (resource) => plane.resources.lister(resource),
    client: kill.around(client, ['create', 'patch']),
  };
  return new LifeCycleController({
    clock,
    resources,
    usage: kill.around(new UsageRows(table), ['begin']),
    directory: kill.around(directory, ['write', 'remove']),
    host: kill.around<TenantHost>(host, [
      ...[
        'provision',
        'furnish',
        'makeSigningKey',
        'keepAuthorities',
        'keepFiles',
        'newKubeconfig',
        'retire',
        'clear',
        'copy',
        'purge',
        'release',
        'resume',
      ],
    ]),
  });
}

/** Runs in one process after another, each of which dies one step later; returns the number of processes. */
async function reconcileDyingly(name: string, when: 'before' | 'after'): Promise<number> {
  for (let at = 0; ; at++) {
    const kill = new Kill(at, when);
    const controller = newProcess(kill);
    try {
      await controller.reconcile(`default/${name}`);
      return at;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      // By then the leases of the dead process have expired.
      sleptMs += 60_000;
    } finally {
      await hosts.pop()!.close();
    }
  }
}

const get = (name: string) => plane.resources.client.get<ControlPlane>(CONTROL_PLANES, { ...IN, name });

test.each([
  ['before', 'Shared'],
  ['after', 'Dedicated'],
] as const)(
  'a tenant whose host dies %s each step is created and deleted completely (%s)',
  async (when, isolation) => {
    const name = `dying-${when}-${isolation.toLowerCase()}`;
    const { client } = plane.resources;
    const object = {
      apiVersion: 'zeroplane.dev/v1alpha1',
      kind: 'ControlPlane',
      metadata: { name },
      spec: { isolation, audit: { rules: [{ level: 'None' }] } },
    };
    await client.create(CONTROL_PLANES, object, IN);
    const steps = await reconcileDyingly(name, when);
    expect(steps).toBeGreaterThanOrEqual(1);
    const made = await get(name);
    const { id, table: tableName } = made.status!.storage!;
    expect(made.status?.conditions?.[0]).toMatchObject({
      type: 'Ready',
      status: 'True',
      reason: 'Available',
    });
    expect(id).toBe(`${name}.${made.metadata.uid!.slice(0, 8)}`);
    expect(tableName).toBe(isolation === 'Shared' ? TABLE : `${TABLE}-${id}`);
    expect(await new TenantDirectory(table).find(name)).toMatchObject({
      id,
      state: 'Active',
      table: tableName,
    });
    const secret = await client.get(SECRETS, { ...IN, name: `${name}-kubeconfig` });
    expect(secret.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ControlPlane', name });

    // Of its configurations, the present one is stored, and the former one, which other processes may still load.
    const rows = new TenantKeyRows(
      new TenantTable(new WireDynamoDBTable({ endpoint, tableName }), id),
      id,
      new ExtendedNonceCipher(new Uint8Array(32)),
    );
    const digestIn = async () => (await new TenantDirectory(table).read(name))?.entry.files;
    const digests = [await digestIn()];
    for (const level of ['Metadata', 'Request']) {
      await client.patch(CONTROL_PLANES, { spec: { audit: { rules: [{ level }] } } }, { ...IN, name });
      await reconcileDyingly(name, when);
      digests.push(await digestIn());
      expect(new Set(await rows.names('files'))).toEqual(new Set(digests.slice(-2)));
    }
    await client.patch(CONTROL_PLANES, { spec: { audit: null } }, { ...IN, name });
    await reconcileDyingly(name, when);
    expect([await digestIn(), await rows.names('files')]).toEqual([undefined, digests.slice(-1)]);

    await client.delete(CONTROL_PLANES, { ...IN, name });
    expect(await reconcileDyingly(name, when)).toBeGreaterThanOrEqual(3);
    await expect(get(name)).rejects.toThrow('not found');
    expect(await new TenantDirectory(table).find(name)).toBeUndefined();
    if (isolation === 'Dedicated') return;
    const tenant = new TenantTable(table, id);
    const left: string[] = [];
    for (const pk of await tenant.partitions())
      for await (const { sk } of itemsOf(tenant, pk)) left.push(`${pk} ${sk}`);
    expect(left).toEqual([]);
  },
);

const NAME_RULE =
  "metadata.name: Invalid value: must be part of a host name: lower-case letters, digits and '-', at most 40 characters";
const QUANTITY_RULE = 'must be a quantity from 8Mi to 1Pi';

test.each<[string, unknown, string]>([
  ...['a.b', `a${'b'.repeat(40)}`, 'a'.repeat(64)].map((name): [string, object, string] => [
    name,
    {},
    NAME_RULE,
  ]),
  ...['Upper', 'acme#', 'acme/x', 'bücher', '-a', 'a-', '', 'a b'].map((name): [string, object, string] => [
    name,
    {},
    name === '' ? 'name or generateName is required' : 'metadata.name: Invalid value',
  ]),
  ...RESERVED_NAMES.map((name): [string, object, string] => [
    name,
    {},
    `metadata.name: Invalid value: ${name} is reserved`,
  ]),
  ['x', [], 'spec: Invalid value: "array"'],
  ['x', { version: 1.37 }, 'spec.version: Invalid value: "number"'],
  ['x', { version: '1.19' }, 'spec.version: Unsupported value: "1.19"'],
  ['x', { version: '2' }, 'spec.version: Unsupported value: "2"'],
  ['x', { arguments: '--a=b' }, 'spec.arguments: Invalid value: "string"'],
  ['x', { arguments: ['-a'] }, 'must be a flag with its value'],
  ['x', { arguments: Array(65).fill('--a=b') }, 'spec.arguments: Too many: 65: must have at most 64 items'],
  ['x', { admins: {} }, 'spec.admins: Invalid value: "object"'],
  ['x', { admins: [{}] }, 'must have exactly one of iam, user and group'],
  ['x', { admins: [{ user: '' }] }, 'spec.admins[0].user: Invalid value'],
  ['x', { admins: [{ iam: 'arn:aws:iam::1:role/x' }] }, 'spec.admins[0].iam: Invalid value'],
  ['x', { isolation: 'None' }, 'spec.isolation: Unsupported value: "None"'],
  ['x', { deletionPolicy: 'Keep' }, 'spec.deletionPolicy: Unsupported value: "Keep"'],
  ['x', { suspended: 'yes' }, 'spec.suspended: Invalid value: "string"'],
  ['x', { signingKey: 0 }, 'spec.signingKey: Invalid value: 0'],
  ...['1Mi', 'much', 'NaN', '-1Gi', '1e400', '2Pi', '8388607', 8388607].map(
    (storageBytes): [string, object, string] => ['x', { limits: { storageBytes } }, QUANTITY_RULE],
  ),
  [
    'x',
    { oldestAuthority: 2 },
    'oldestAuthority: must not exceed signingAuthority, which would not be trusted',
  ],
  ['x', { limits: { storageBytes: 1.5 } }, 'spec.limits.storageBytes: Invalid value: "number"'],
  ['x', { limits: { objects: 10 } }, 'should be greater than or equal to 500'],
  ['x', { limits: { requestsPerSecond: -1 } }, 'should be greater than or equal to 1'],
  ['x', { limits: { inFlight: 0 } }, 'should be greater than or equal to 1'],
  ['x', { limits: { watches: 1e12 } }, 'should be less than or equal to 1000000'],
  ['x', { limits: { watches: 1.5 } }, 'must be of type int32'],
])('%j with %j is rejected with a reason', async (name, spec, message) => {
  const object = newObject(name, spec as object);
  await expect(plane.resources.client.create(CONTROL_PLANES, object, IN)).rejects.toThrow(message);
});

/** Deletes it forcibly, without notifying the controller. */
async function takeAway(place: typeof IN, name: string): Promise<void> {
  const { client } = plane.resources;
  await client.patch(CONTROL_PLANES, { metadata: { finalizers: null } }, { ...place, name });
  await client.delete(CONTROL_PLANES, { ...place, name });
}

test('a tenant whose finalizer was removed by hand is deleted when it is missed, and its name is reusable', async () => {
  const [name, elsewhere] = ['orphan', { namespace: 'kube-public' }];
  const idAt = async (place: typeof IN) => {
    await plane.resources.client.create(CONTROL_PLANES, newObject(name), place);
    await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`${place.namespace}/${name}`);
    const { entry } = (await new TenantDirectory(table).read(name))!;
    expect(entry).toMatchObject({ owner: `${place.namespace}/${name}`, state: 'Active' });
    return entry.id;
  };
  const first = await idAt(elsewhere);
  await takeAway(elsewhere, name);
  const second = await idAt(IN);
  expect(await stored(TABLE, first)).toEqual(new Map());
  await takeAway(IN, name);
  expect(await reconcileDyingly(name, 'after')).toBeGreaterThanOrEqual(2);
  expect(await new TenantDirectory(table).read(name)).toBeUndefined();
  expect(await stored(TABLE, second)).toEqual(new Map());
});

test('of two objects with the same name created concurrently, one gets the tenant and keeps it', async () => {
  const { client } = plane.resources;
  const [namespace, name] = ['team-b', 'wanted'];
  const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const places = [IN, { namespace }];
  const object = newObject(name);
  await Promise.all(places.map((place) => client.create(CONTROL_PLANES, object, place)));
  const never = new Kill(Number.POSITIVE_INFINITY, 'after');
  const controllers = places.map(() => newProcess(never));
  await Promise.all(places.map((place, at) => controllers[at]!.reconcile(`${place.namespace}/${name}`)));
  const reasons = await Promise.all(
    places.map(async (place) => {
      const { status } = await client.get<ControlPlane>(CONTROL_PLANES, { ...place, name });
      return status?.conditions?.[0]?.reason;
    }),
  );
  expect([...reasons].sort()).toEqual(['Available', 'NameTaken']);
  const keyAt = (at: number) => `${places[at]!.namespace}/${name}`;
  const waits = reasons.indexOf('NameTaken');
  const has = 1 - waits;
  await client.delete(CONTROL_PLANES, { ...places[has]!, name });
  await controllers[has]!.reconcile(keyAt(has));
  const metadata = { ...places[has]!, name };
  const end: Change = {
    type: 'DELETED',
    resource: CONTROL_PLANES,
    ...metadata,
    object: () => ({ metadata }),
  };
  expect(controllers[waits]!.keysFor(end)).toEqual([keyAt(has), keyAt(waits)]);
  expect(await newProcess(never).keysAfterEnd(end)).toEqual([keyAt(waits)]);
  await controllers[waits]!.reconcile(keyAt(waits));
  expect(controllers[waits]!.keysFor(end)).toEqual([keyAt(has)]);
  const { status } = await client.get<ControlPlane>(CONTROL_PLANES, { ...places[waits]!, name });
  expect(status?.conditions?.[0]?.reason).toBe('Available');
});

test('the status of an object held by other finalizers says that nothing else is left', async () => {
  const { client } = plane.resources;
  const name = 'kept-by-others';
  const object = newObject(name);
  const metadata = { name, finalizers: ['example.com/mine'] };
  await client.create(CONTROL_PLANES, { ...object, metadata } as ControlPlane, IN);
  const controller = newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
  await controller.reconcile(`default/${name}`);
  await client.delete(CONTROL_PLANES, { ...IN, name });
  await controller.reconcile(`default/${name}`);
  const { metadata: left, status } = await get(name);
  expect(left.finalizers).toEqual(['example.com/mine']);
  expect(status?.conditions?.[0]).toMatchObject({
    reason: 'Deleting',
    message:
      'the control plane is being deleted; only this object is left, kept by its finalizers example.com/mine',
  });
  expect(await new TenantDirectory(table).read(name)).toBeUndefined();
});

test('changes, suspension and resumption complete whenever the host dies', async () => {
  const name = 'changing';
  const { client } = plane.resources;
  const object = newObject(name);
  await client.create(CONTROL_PLANES, object, IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
  const changes: readonly [object, object, object][] = [
    [
      {
        limits: { requestsPerSecond: 5, watches: 2, objects: 500, storageBytes: '1Gi' },
        version: '1.36',
        admins: [{ iam: 'arn:aws:iam::111122223333:role/Ada' }, { user: 'ada' }],
        arguments: ['--authorization-mode=RBAC', '--anonymous-auth=false'],
      },
      {
        state: 'Active',
        limits: { requestsPerSecond: 5, watches: 2, objects: 500, storageBytes: 1024 ** 3 },
        version: '1.36',
        adminARNs: ['arn:aws:iam::111122223333:role/Ada'],
        arguments: ['--authorization-mode=RBAC', '--anonymous-auth=false'],
      },
      { status: 'True', reason: 'Available' },
    ],
    [{ suspended: true }, { state: 'Suspended' }, { status: 'False', reason: 'Suspended' }],
    [
      { suspended: false, limits: null, version: KUBERNETES_RELEASE.minor },
      { state: 'Active' },
      { status: 'True', reason: 'Available' },
    ],
    [
      { arguments: ['--token-auth-file=/etc/passwd'] },
      // The previous arguments stay in effect.
      { state: 'Active', arguments: ['--authorization-mode=RBAC', '--anonymous-auth=false'] },
      {
        status: 'False',
        reason: 'InvalidArguments',
        message:
          "--token-auth-file can't be chosen by a control plane of a fleet\nrequests are served as last specified",
      },
    ],
    [
      { suspended: true },
      { state: 'Suspended', arguments: ['--authorization-mode=RBAC', '--anonymous-auth=false'] },
      {
        status: 'False',
        reason: 'InvalidArguments',
        message:
          "--token-auth-file can't be chosen by a control plane of a fleet\nrequests get 503, since the control plane is suspended",
      },
    ],
    [
      { suspended: false, arguments: null, files: { secret: 'none' } },
      { state: 'Suspended', arguments: ['--authorization-mode=RBAC', '--anonymous-auth=false'] },
      {
        status: 'False',
        reason: 'InvalidConfiguration',
        message:
          'spec.files.secret: there is no Secret none in default\nrequests get 503, since the control plane is suspended',
      },
    ],
    [
      { files: null },
      { state: 'Active', arguments: ['--authorization-mode=RBAC'] },
      { status: 'True', reason: 'Available' },
    ],
  ];
  for (const [spec, entry, ready] of changes) {
    await client.patch(CONTROL_PLANES, { spec }, { ...IN, name });
    await reconcileDyingly(name, 'after');
    expect(await new TenantDirectory(table).find(name)).toMatchObject(entry);
    const { metadata, status } = await get(name);
    expect(status?.observedGeneration).toBe(metadata.generation);
    expect(status?.conditions?.[0]).toMatchObject(ready);
  }
  expect(await new TenantDirectory(table).find(name)).not.toHaveProperty('limits');
  expect(await new TenantDirectory(table).find(name)).not.toHaveProperty('version');
  await client.delete(CONTROL_PLANES, { ...IN, name });
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
});

/** All items of a tenant in a table, by key; undefined if there is no table. */
async function stored(tableName: string, id: string): Promise<Map<string, Item> | undefined> {
  const connected = new WireDynamoDBTable({ endpoint, tableName });
  const tenant = new TenantTable(connected, id);
  const items = new Map<string, Item>();
  try {
    for (const pk of await tenant.partitions())
      for await (const item of itemsOf(tenant, pk)) items.set(`${pk} ${item.sk}`, item);
    return items;
  } catch (error) {
    if (isTableError(error, 'Refused')) return undefined;
    throw error;
  } finally {
    connected.close();
  }
}

test('the end of a move is reported as such', async () => {
  const name = 'reported';
  const { client } = plane.resources;
  const controller = newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
  await client.create(CONTROL_PLANES, newObject(name), IN);
  await controller.reconcile(`default/${name}`);
  await client.patch(CONTROL_PLANES, { spec: { isolation: 'Dedicated' } }, { ...IN, name });
  await controller.reconcile(`default/${name}`);
  expect((await get(name)).status?.conditions?.map(({ reason }) => reason)).toEqual(['Available']);
  const events = await client.list<KubeObject & { reason: string }>(EVENTS, IN);
  const own = events.filter(({ metadata }) => metadata.name?.startsWith(`${name}.`));
  expect(own.map(({ reason }) => reason)).toEqual(['Provisioning', 'Available', 'Moving', 'Available']);
  await client.delete(CONTROL_PLANES, { ...IN, name });
  await controller.reconcile(`default/${name}`);
});

test('a tenant moves completely to its own table and back, whenever the host dies', async () => {
  const name = 'moving';
  const { client } = plane.resources;
  const object = newObject(name);
  await client.create(CONTROL_PLANES, object, IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
  const entry = (await new TenantDirectory(table).find(name))!;
  const { id } = entry;
  const own = `${TABLE}-${id}`;
  const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
  const at = { namespace: 'default', name: 'kept' };
  /** Runs in the tenant, in the latest process. */
  const inTenant = async <R>(run: (client: ResourceAccess['client']) => Promise<R>) => {
    const current = (await new TenantDirectory(table).find(name))!;
    return hosts.at(-1)!.runtime.use(current, ({ resources }) => run(resources.client));
  };
  const kept = await inTenant((tenant) =>
    tenant.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } }, at),
  );
  await hosts.pop()!.close();

  for (const [isolation, to, from, when] of [
    ['Dedicated', own, TABLE, 'before'],
    ['Shared', TABLE, own, 'after'],
  ] as const) {
    const before = (await stored(from, id))!;
    await client.patch(CONTROL_PLANES, { spec: { isolation } }, { ...IN, name });
    expect(await reconcileDyingly(name, when)).toBeGreaterThanOrEqual(6);
    const row = await new TenantDirectory(table).read(name);
    expect(row?.entry).toEqual({ ...entry, table: to });
    expect((await get(name)).status).toMatchObject({
      storage: { id, table: to },
      conditions: [{ type: 'Ready', status: 'True', reason: 'Available' }],
    });
    expect(await stored(from, id)).toEqual(from === TABLE ? new Map() : undefined);
    const after = (await stored(to, id))!;
    // Loading it again may write more objects, but not change or remove any.
    const objects = (items: Map<string, Item>) =>
      [...items].filter(([key]) => /^\/registry\/(configmaps|secrets|namespaces)( |#log )/.test(key));
    expect(objects(after)).toEqual(objects(before));
    newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
    expect(await inTenant((tenant) => tenant.get(configMaps, at))).toEqual(kept);
    await hosts.pop()!.close();
  }
});

test('a cancelled move, or one whose tenant is deleted, leaves no remains', async () => {
  const name = 'undecided';
  const { client } = plane.resources;
  const object = newObject(name);
  await client.create(CONTROL_PLANES, object, IN);
  const never = Number.POSITIVE_INFINITY;
  await newProcess(new Kill(never, 'after')).reconcile(`default/${name}`);
  const entry = (await new TenantDirectory(table).find(name))!;
  const own = `${TABLE}-${entry.id}`;
  /** Dies once part of it has been copied. */
  const beginToMove = async () => {
    await client.patch(CONTROL_PLANES, { spec: { isolation: 'Dedicated' } }, { ...IN, name });
    for (let steps = 1; ((await stored(own, entry.id))?.size ?? 0) === 0; steps++) {
      const reconciled = newProcess(new Kill(steps, 'after')).reconcile(`default/${name}`);
      await expect(reconciled).rejects.toThrow(Killed);
      // By then the leases of the dead process have expired.
      sleptMs += 60_000;
    }
    const moving = await new TenantDirectory(table).read(name);
    const on = { isRetired: true, copied: { to: own } };
    expect(moving?.entry).toMatchObject({ ...entry, ...on, state: 'Moving', leftovers: [own] });
  };
  await beginToMove();
  await client.patch(CONTROL_PLANES, { spec: { isolation: 'Shared' } }, { ...IN, name });
  await reconcileDyingly(name, 'before');
  expect((await new TenantDirectory(table).read(name))?.entry).toEqual(entry);
  expect(await stored(own, entry.id)).toBeUndefined();

  await beginToMove();
  await client.delete(CONTROL_PLANES, { ...IN, name });
  await reconcileDyingly(name, 'after');
  expect(await stored(own, entry.id)).toBeUndefined();
  expect(await stored(TABLE, entry.id)).toEqual(new Map());
});

test('a Secret with files is applied to every control plane that uses it, though one has to wait', async () => {
  const { client } = plane.resources;
  const controller = newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
  const directory = new TenantDirectory(table);
  const names = ['held', 'free', 'plain'];
  const secretWith = (server: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shared-files' },
    stringData: {
      hook: JSON.stringify({
        clusters: [{ name: 'x', cluster: { server } }],
        contexts: [{ name: 'x', context: { cluster: 'x' } }],
        'current-context': 'x',
      }),
    },
  });
  await client.create(SECRETS, secretWith('https://a.example.com/'), IN);
  for (const name of names) {
    const spec = {
      arguments: ['--authentication-token-webhook-config-file=hook'],
      files: { secret: 'shared-files' },
    };
    await client.create(CONTROL_PLANES, newObject(name, name === 'plain' ? {} : spec), IN);
    await controller.reconcile(`default/${name}`);
  }
  const filesOf = () => Promise.all(names.map(async (name) => (await directory.read(name))?.entry.files));
  const before = await filesOf();
  expect(before).toEqual([before[0], before[0], undefined]);

  await client.patch(SECRETS, secretWith('https://b.example.com/'), { ...IN, name: 'shared-files' });
  const row = (await directory.read('held'))!;
  const lease = { holder: 'another process', until: clock.now() + 30_000 };
  expect(await directory.write(row.entry, row, lease)).toBe(true);
  const secret = await client.get(SECRETS, { ...IN, name: 'shared-files' });
  const change: Change = {
    type: 'MODIFIED',
    resource: SECRETS,
    ...{ namespace: 'default', name: 'shared-files' },
    object: () => secret,
  };
  const [key = ''] = controller.keysFor(change);
  // Plain milliseconds until the lease has ended, not the interval of the next check.
  expect(await controller.reconcile(key)).toBeLessThan(60_000);
  const during = await filesOf();
  expect(during).toEqual([before[0], during[1], undefined]);
  expect(during[1]).not.toBe(before[1]);
  sleptMs += 60_000;
  expect(await controller.reconcile(key)).toBeUndefined();
  expect(await filesOf()).toEqual([during[1], during[1], undefined]);
  for (const name of names) {
    await client.delete(CONTROL_PLANES, { ...IN, name });
    await controller.reconcile(`default/${name}`);
  }
});

test('a new key signs whenever the host dies, and tokens of the previous one stay valid', async () => {
  const name = 'rotated';
  const { client } = plane.resources;
  const object = newObject(name);
  await client.create(CONTROL_PLANES, object, IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
  const entry = (await new TenantDirectory(table).find(name))!;
  /** Runs in the latest process. */
  const inTenant = <R>(run: (client: ResourceAccess['client']) => Promise<R>) =>
    hosts.at(-1)!.runtime.use(entry, ({ resources }) => run(resources.client));
  const newToken = () =>
    inTenant(async (tenant) => {
      const of = { namespace: 'default', name: 'default', subresource: 'token' };
      const { status } = await tenant.create<KubeObject & { status?: { token: string } }>(
        ACCOUNTS,
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          metadata: {},
          spec: {},
        } as KubeObject,
        of,
      );
      return status!.token;
    });
  const isGood = (token: string) =>
    inTenant(async (tenant) => {
      const review = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        metadata: {},
        spec: { token },
      };
      const { status } = await tenant.create<KubeObject & { status?: { authenticated?: boolean } }>(
        REVIEWS,
        review as KubeObject,
      );
      return status?.authenticated;
    });
  const keyOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;
  await inTenant(async (tenant) => {
    const metadata = { name: 'default', namespace: 'default' };
    await tenant
      .create(ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }, { namespace: 'default' })
      .catch(() => undefined);
  });
  const before = await newToken();
  await client.patch(CONTROL_PLANES, { spec: { signingKey: 2 } }, { ...IN, name });
  await reconcileDyingly(name, 'before');
  // Processes that cached the previous keys accept them for some minutes.
  newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
  const after = await newToken();
  expect(keyOf(after)).not.toBe(keyOf(before));
  expect([await isGood(before), await isGood(after), await isGood(`${after.slice(0, -8)}AAAAAAAA`)]).toEqual([
    true,
    true,
    undefined,
  ]);
  await expect(client.patch(CONTROL_PLANES, { spec: { signingKey: 1 } }, { ...IN, name })).rejects.toThrow(
    'cannot be decreased: a superseded key no longer signs',
  );
});

test('new authorities are trusted, earlier ones until removed, and the kubeconfig follows', async () => {
  const name = 'authorities';
  const { client } = plane.resources;
  await client.create(CONTROL_PLANES, newObject(name), IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
  /** Issuers that the tenant trusts, newest first, and the issuer of the kubeconfig's certificate. */
  const issuers = async () => {
    const entry = (await new TenantDirectory(table).find(name))!;
    const bundle = await hosts.at(-1)!.runtime.use(entry, ({ keys }) => keys.clientCA());
    const secret = await client.get<KubeObject & { data: { value: string } }>(SECRETS, {
      ...IN,
      name: `${name}-kubeconfig`,
    });
    const kubeconfig = Buffer.from(secret.data.value, 'base64').toString();
    const [, data = ''] = /client-certificate-data: (\S+)/.exec(kubeconfig)!;
    const trusted = bundle!.match(/-----BEGIN[^-]*-----[^-]*-----END[^-]*-----/g)!;
    return [
      trusted.map((pem) => new X509Certificate(pem).subject),
      new X509Certificate(Buffer.from(data, 'base64')).issuer,
    ];
  };
  for (const [spec, expected] of [
    [{}, [['CN=kubernetes'], 'CN=kubernetes']],
    [{ signingAuthority: 2 }, [['CN=kubernetes-0002', 'CN=kubernetes'], 'CN=kubernetes']],
    [{ oldestAuthority: 2 }, [['CN=kubernetes-0002'], 'CN=kubernetes-0002']],
  ] as const) {
    await client.patch(CONTROL_PLANES, { spec }, { ...IN, name });
    await reconcileDyingly(name, 'before');
    newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
    expect(await issuers()).toEqual(expected);
    await hosts.pop()!.close();
  }
  const back = client.patch(CONTROL_PLANES, { spec: { signingAuthority: 1 } }, { ...IN, name });
  await expect(back).rejects.toThrow('cannot be decreased: a superseded authority does not return');
});

test('a tenant suspended before its start is created later; manual changes are reverted; it can be deleted while suspended', async () => {
  const name = 'handled';
  const { client } = plane.resources;
  const change = async (spec: object) => {
    await client.patch(CONTROL_PLANES, { spec }, { ...IN, name });
    await settle();
  };
  const settle = () => newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
  const state = async () => {
    const { status } = await get(name);
    const entry = await new TenantDirectory(table).find(name);
    return [entry?.state, status?.conditions?.[0]?.reason, status?.endpoint];
  };
  const secret = () => client.get(SECRETS, { ...IN, name: `${name}-kubeconfig` });
  await client.create(CONTROL_PLANES, newObject(name, { suspended: true }), IN);
  await settle();
  expect(await state()).toEqual(['Suspended', 'Suspended', undefined]);
  await expect(secret()).rejects.toThrow('not found');
  await change({ suspended: false });
  const serving = ['Active', 'Available', `https://127.0.0.1:6443/tenants/${name}`];
  expect(await state()).toEqual(serving);
  const { storage } = (await get(name)).status!;

  await client.delete(SECRETS, { ...IN, name: `${name}-kubeconfig` });
  const status = { endpoint: 'https://elsewhere', storage: { id: 'other', table: 'other' } };
  await client.patch(CONTROL_PLANES, { status }, { ...IN, name, subresource: 'status' });
  await settle();
  expect(await state()).toEqual(serving);
  expect((await get(name)).status?.storage).toEqual(storage);
  expect((await secret()).metadata.name).toBe(`${name}-kubeconfig`);

  await change({ suspended: true });
  await client.delete(CONTROL_PLANES, { ...IN, name });
  await settle();
  await expect(get(name)).rejects.toThrow('not found');
  expect(await stored(TABLE, storage!.id)).toEqual(new Map());
});

test("usage is summed over all processes, and reported in the object's status", async () => {
  const { client } = plane.resources;
  const metadata = { name: 'used' };
  const object = { apiVersion: 'zeroplane.dev/v1alpha1', kind: 'ControlPlane', metadata, spec: {} };
  const { metadata: made } = await client.create<ControlPlane>(CONTROL_PLANES, object as ControlPlane, IN);
  const directory = new TenantDirectory(table);
  const id = `used.${made.uid!.slice(0, 8)}`;
  const entry = { name: 'used', owner: 'default/used', id, state: 'Active', table: TABLE } as const;
  await directory.write({ ...entry, arguments: [], adminARNs: [], endpoint: 'https://used' }, undefined);
  const took = { ...NO_USAGE, requests: 2, refused: 1, watchSeconds: 0.4, readUnits: 1.5 };
  const processes = [new UsageRows(table), new UsageRows(table)] as const;
  await Promise.all([...processes, ...processes].map((rows) => rows.add(id, took)));
  await processes[0].add('gone.12345678', took);
  let asked = 0;
  const resources = async () => {
    asked++;
    return plane.resources;
  };
  const publish = () => publishUsage(table, resources, new TenantDirectory(table));
  await publish();
  const askedBefore = asked;
  expect(askedBefore).toBeGreaterThan(0);
  const usage = { ...NO_USAGE, requests: 8, refused: 4, watchSeconds: 2, readUnits: 6 };
  expect((await get('used')).status).toMatchObject({ usage });
  // An idle tenant causes no requests.
  await publish();
  expect(asked).toBe(askedBefore);
  await processes[1].add(id, { ...NO_USAGE, requests: 1 });
  await publish();
  expect((await get('used')).status?.usage?.requests).toBe(9);
  const left: string[] = [];
  for await (const { sk } of itemsOf(table, '#usage')) left.push(sk);
  expect(left).toContain(id);
  expect(left).not.toContain('gone.12345678');
});

test("a tenant's DynamoDB usage on this machine is counted, and not that of others", async () => {
  meter.take();
  await plane.resources.client.create(CONTROL_PLANES, newObject('counted'), IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile('default/counted');
  const { id } = (await get('counted')).status!.storage!;
  const took = [...meter.take()].filter(([, { writeUnits }]) => writeUnits > 0);
  expect(took.map(([id]) => id)).toEqual([id]);
  const [[, { readUnits, writeUnits }]] = took as [(typeof took)[number]];
  // Some 200 objects of five units each.
  expect(writeUnits).toBeGreaterThan(500);
  expect(readUnits).toBeGreaterThan(10);
});

test('usage is reported before any request', async () => {
  await plane.resources.client.create(CONTROL_PLANES, newObject('unasked'), IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile('default/unasked');
  expect((await get('unasked')).status?.usage).toBeUndefined();
  await publishUsage(table, async () => plane.resources, new TenantDirectory(table));
  expect((await get('unasked')).status?.usage).toMatchObject(NO_USAGE);
});

test('a tenant whose object was deleted unnoticed is found by the next run, and removed', async () => {
  const name = 'unmissed';
  const { client } = plane.resources;
  await client.create(CONTROL_PLANES, newObject(name), IN);
  await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
  const { id } = (await get(name)).status!.storage!;
  await takeAway(IN, name);
  const controller = newProcess(new Kill(Number.POSITIVE_INFINITY, 'after'));
  const keys = [...(await controller.allKeys())];
  expect(keys).toContain(`default/${name}`);
  expect(keys.length).toBe(new Set(keys).size);
  for (const key of keys.filter((key) => key.endsWith(`/${name}`))) await controller.reconcile(key);
  expect(await new TenantDirectory(table).read(name)).toBeUndefined();
  const rows = new TenantTable(table, id);
  for (const pk of await rows.partitions()) {
    for await (const { sk } of itemsOf(rows, pk)) expect([pk, sk]).toEqual([]);
  }
});

test.each(['as it should', 'without its finalizer'])(
  'retained data stays where the status said (%s)',
  async (how) => {
    const name = `retained-${how.slice(0, 2)}`;
    const { client } = plane.resources;
    await client.create(CONTROL_PLANES, newObject(name, { deletionPolicy: 'Retain' }), IN);
    await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
    const { id } = (await get(name)).status!.storage!;
    await (how === 'as it should' ? client.delete(CONTROL_PLANES, { ...IN, name }) : takeAway(IN, name));
    await newProcess(new Kill(Number.POSITIVE_INFINITY, 'after')).reconcile(`default/${name}`);
    await expect(get(name)).rejects.toThrow('not found');
    expect(await new TenantDirectory(table).read(name)).toBeUndefined();
    expect((await new TenantTable(table, id).partitions()).length).toBeGreaterThan(20);
    const events = await client.list<KubeObject & { type: string; reason: string }>(EVENTS, IN);
    const own = events.filter(({ metadata }) => metadata.name?.startsWith(`${name}.`));
    expect(own.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal Provisioning',
      'Normal Available',
      ...(how === 'as it should' ? ['Normal Deleting'] : []),
    ]);
  },
);

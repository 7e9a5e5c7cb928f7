/**
 * Faults in one tenant of a process: its error, and the continued service for its other requests and for other tenants.
 */

import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pack, unpack } from '../../../shared/storage/dynamodb/images.ts';
import { itemsOf } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import {
  type Answered,
  type FleetProcess,
  startFleetProcess,
  tenantEntry,
} from '../../fixtures/fleet-process.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const TABLE = `faults-${process.pid}`;
const IN_FLIGHT = 20;
const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

let fleet: FleetProcess;
let hook: WebhookServer;
beforeAll(async () => {
  const entries = ['acme', 'other'].map((name) =>
    tenantEntry(name, TABLE, { limits: { inFlight: IN_FLIGHT } }),
  );
  const authority = await testAuthority();
  [fleet, hook] = await Promise.all([
    startFleetProcess(TABLE, entries, { addresses: publicAddresses(['127.0.0.0/8']) }),
    startWebhookServer(authority),
  ]);
});
afterAll(async () => {
  await fleet?.close();
  await hook?.close();
});

const create = (tenant: string, path: string, body: object) => fleet.as(tenant, 'POST', path, { body });
const get = (tenant: string, path: string) => fleet.as(tenant, 'GET', path);
const statuses = (answers: readonly Answered[]) => answers.map(({ status }) => status);

const schema = { openAPIV3Schema: { type: 'object', description: 'sound' } };
const definition = (plural: string, kind: string, more: object = {}) => ({
  metadata: { name: `${plural}.example.com` },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { plural, kind },
    versions: [
      { name: 'v1', served: true, storage: true, schema },
      { name: 'v2', served: true, storage: false, schema },
    ],
    ...more,
  },
});

/** Not allowed in a schema. */
const UNLAWFUL = '"x-kubernetes-preserve-unknown-fields":false';

/** Stores a definition that validation would reject. */
async function spoil(tenant: string, name: string): Promise<void> {
  const { host, table } = fleet;
  // Drop the copy in memory.
  await host.runtime.drop(tenant);
  const objects = `${tenant}.0a1b2c3d#/registry/apiextensions.k8s.io/customresourcedefinitions`;
  for (const pk of [objects, `${objects}#log`]) {
    for await (const item of itemsOf(table, pk)) {
      if (![item['sk'], item['k']].includes(name) || item['d'] === undefined) continue;
      const text = Buffer.from(unpack(item['d'] as Uint8Array)).toString();
      const spoilt = text.replaceAll('"type":"object"', `"type":"object",${UNLAWFUL}`);
      expect(spoilt).not.toBe(text);
      await table.write({ put: { ...item, d: await pack(Buffer.from(spoilt), 0) } });
    }
  }
}

test('a corrupt definition affects only its own resource', async () => {
  const conversion = {
    strategy: 'Webhook',
    webhook: {
      conversionReviewVersions: ['v1'],
      clientConfig: { url: 'https://127.0.0.1:1/convert', caBundle: hook.caBundle },
    },
  };
  for (const tenant of ['acme', 'other']) {
    for (const [plural, kind, more] of [
      ['sounds', 'Sound'],
      ['spoilts', 'Spoilt'],
      ['unconverteds', 'Unconverted', { conversion }],
      // Its kind is taken by another definition.
      ['takens', 'Sound'],
    ] as const) {
      expect((await create(tenant, DEFINITIONS, definition(plural, kind, more))).status).toBe(201);
      if (plural === 'takens') continue;
      const path = `/apis/example.com/v1/${plural}`;
      const object = { apiVersion: 'example.com/v1', kind, metadata: { name: 'x' } };
      expect((await create(tenant, path, object)).status).toBe(201);
    }
  }
  await spoil('acme', 'spoilts.example.com');
  const paths = [
    ['/apis/example.com/v1/spoilts/x', 500],
    ['/apis/example.com/v1/spoilts', 500],
    ['/apis/example.com/v2/unconverteds/x', 500],
    ['/apis/example.com/v1/unconverteds/x', 200],
    ['/apis/example.com/v1/takens', 404],
    ['/apis/example.com/v2/sounds/x', 200],
    [DEFINITIONS, 200],
    ['/apis/example.com/v1', 200],
    ['/apis', 200],
    ['/openapi/v3', 200],
    ['/openapi/v3/apis/example.com/v1', 200],
    ['/openapi/v2', 200],
    [MAPS, 200],
  ] as const;
  const told = await Promise.all(paths.map(async ([path]) => [path, (await get('acme', path)).status]));
  expect(told).toEqual(paths);
  const elsewhere = await Promise.all(paths.slice(0, 2).map(([path]) => get('other', path)));
  expect(statuses(elsewhere)).toEqual([200, 200]);
  // It is identified, and can be deleted.
  expect((await fleet.as('acme', 'DELETE', `${DEFINITIONS}/takens.example.com`)).status).toBe(200);
});

test('ten thousand subjects of bindings affect only their tenant', async () => {
  const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: 'cluster-admin' };
  const binding = (n: number) => ({
    metadata: { name: `many-${n}` },
    roleRef,
    subjects: Array.from({ length: 100 }, (_, m) => ({ apiGroup: GROUP, kind: 'User', name: `u${n}-${m}` })),
  });
  for (let n = 0; n < 100; n += IN_FLIGHT) {
    const some = Array.from({ length: IN_FLIGHT }, (_, m) =>
      create('acme', `${RBAC}/clusterrolebindings`, binding(n + m)),
    );
    expect(new Set(statuses(await Promise.all(some)))).toEqual(new Set([201]));
  }
  const decide = async (tenant: string, user: string) => {
    const spec = { user, resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' } };
    const { json } = await create(tenant, REVIEWS, { spec });
    return (json.status as { readonly allowed?: boolean }).allowed;
  };
  const users = ['u0-0', 'u50-99', 'u99-99', 'u100-0'];
  // For a process that is loading them, and for one that has.
  await fleet.host.runtime.drop('acme');
  for (let times = 0; times < 2; times++) {
    const [here, elsewhere] = await Promise.all(
      ['acme', 'other'].map((tenant) => Promise.all(users.map((user) => decide(tenant, user)))),
    );
    expect(here).toEqual([true, true, true, false]);
    expect(elsewhere).toEqual([false, false, false, false]);
  }
});

const hooked = (more: object) => ({
  metadata: { name: 'hanging' },
  webhooks: [
    {
      ...{ name: 'hook.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'] },
      clientConfig: { url: `${hook.url}/hangs`, caBundle: hook.caBundle },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE'] }],
      ...more,
    },
  ],
});

test("a hanging webhook blocks its tenant's concurrent requests, and no other tenant", async () => {
  expect((await create('acme', HOOKS, hooked({ timeoutSeconds: 30 }))).status).toBe(201);
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  hook.behave(async () => {
    await released;
    return { allowed: true };
  });
  const secret = (name: string) => ({ metadata: { name } });
  const held = Array.from({ length: IN_FLIGHT }, (_, n) => create('acme', SECRETS, secret(`held-${n}`)));
  await expect.poll(() => hook.calls.length, { timeout: 30_000 }).toBe(IN_FLIGHT);
  const more = await create('acme', SECRETS, secret('more'));
  expect([more.status, more.headers['retry-after']]).toEqual([429, '1']);
  // Requests that free memory are still served.
  expect((await fleet.as('acme', 'DELETE', `${SECRETS}/none`)).status).toBe(404);
  expect(statuses([await create('other', SECRETS, secret('x')), await get('other', SECRETS)])).toEqual([
    201, 200,
  ]);
  release();
  expect(new Set(statuses(await Promise.all(held)))).toEqual(new Set([201]));
});

test('a hanging webhook is waited for up to its timeout', async () => {
  hook.behave(() => new Promise(() => undefined));
  await fleet.as('acme', 'DELETE', `${HOOKS}/hanging`);
  expect((await create('acme', HOOKS, hooked({ timeoutSeconds: 1 }))).status).toBe(201);
  const { status, json } = await create('acme', SECRETS, { metadata: { name: 'late' } });
  expect([status, json.message]).toEqual([
    500,
    expect.stringContaining('failed calling webhook "hook.example.com": failed to call webhook: '),
  ]);
});

/** Status codes by path: those of the served minor and of 1.30. */
const BY_MINOR = {
  '/apis/resource.k8s.io/v1': [200, 404],
  '/apis/flowcontrol.apiserver.k8s.io/v1beta3': [404, 200],
} as const;

test('during a change of the emulated minor, each response is of one minor, and none is lost', async () => {
  /** The number of changes started and completed. */
  const changes = { begun: 0, done: 0 };
  const wrong: unknown[] = [];
  let [answers, isOver] = [0, false];
  const worker = async (n: number) => {
    for (let turn = 0; !isOver; turn++) {
      for (const [path, byMinor] of Object.entries(BY_MINOR)) {
        const before = changes.done;
        const { status } = await get('other', path);
        // From a change in progress, or from before and after it.
        const possible = Array.from(
          { length: changes.begun - before + 1 },
          (_, more) => byMinor[(before + more) % 2],
        );
        if (!possible.includes(status as never)) wrong.push({ path, status, possible });
        answers++;
      }
      const { status } = await create('other', MAPS, { metadata: { name: `written-${n}-${turn}` } });
      if (status !== 201) wrong.push({ status });
      written++;
      // Let other work run.
      await immediate();
    }
  };
  let written = 0;
  const workers = Array.from({ length: 4 }, (_, n) => worker(n));
  for (const version of ['1.30', undefined, '1.30']) {
    const until = answers + 20;
    await expect.poll(() => answers, { timeout: 30_000, interval: 5 }).toBeGreaterThan(until);
    const row = (await fleet.directory.read('other'))!;
    changes.begun++;
    await fleet.directory.write({ ...row.entry, version }, row);
    changes.done++;
  }
  const until = answers + 20;
  await expect.poll(() => answers, { timeout: 30_000, interval: 5 }).toBeGreaterThan(until);
  isOver = true;
  await Promise.all(workers);
  expect(wrong).toEqual([]);
  const { json } = await get('other', MAPS);
  expect(json.items!.filter(({ metadata }) => metadata.name.startsWith('written-')).length).toBe(written);
});

/** Control planes of a local fleet whose first objects are planted, compared with the one that was made by requests. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  type EmbeddedDynamoDB,
  startEmbeddedDynamoDB,
} from '../../../infra/local/dynamodb/embedded-dynamodb.ts';
import { FleetHost } from '../../../infra/local/fleet/fleet-host.ts';
import { TenantDirectory, type TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import type { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import { TableError, type TransactedWrite } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { unpack } from '../../../shared/storage/dynamodb/images.ts';
import { itemsOf, TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { newLogger } from '../../../shared/util/logger.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const TABLE = 'planting';
const logged: unknown[] = [];
let dynamodb: EmbeddedDynamoDB;
let table: ConnectedTable;
const hosts: FleetHost[] = [];

beforeAll(async () => {
  dynamodb = await startEmbeddedDynamoDB();
  table = dynamodb.openTable(TABLE);
  await table.create();
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  table.close();
  await dynamodb.stop();
});

/** A process that serves the fleet. */
function newHost(): FleetHost {
  const host = new FleetHost({
    ...{ openTable: () => table, directory: new TenantDirectory(table), tableName: TABLE, isAlone: true },
    ...{ addresses: publicAddresses(), certificateAuthority: '', controllers: ['*'] },
    cipher: new ExtendedNonceCipher(new Uint8Array(32)),
    endpointOf: (name) => `https://127.0.0.1:6443/tenants/${name}`,
    logger: newLogger((record) => logged.push(record)),
  });
  hosts.push(host);
  return host;
}

const entryOf = (name: string): TenantEntry => ({
  ...{ name, id: `${name}.0a1b2c3d`, owner: `default/${name}`, state: 'Active', table: TABLE },
  ...{ arguments: [], adminARNs: [], endpoint: `https://127.0.0.1:6443/tenants/${name}` },
});

/** Creates a control plane, and waits until its controllers are idle. */
async function make(host: FleetHost, name: string): Promise<void> {
  await host.furnish(entryOf(name), []);
  await host.runtime.use(entryOf(name), (tenant) => tenant.idle());
}

interface Contents {
  /** Everything but the identity of the objects, by resource and key. */
  readonly objects: Readonly<Record<string, string>>;
  readonly uids: readonly string[];
  readonly revisions: Readonly<Record<string, number>>;
  /** Resources with log entries. */
  readonly logged: readonly string[];
}

async function contentsOf(name: string): Promise<Contents> {
  const rows = new TenantTable(table, entryOf(name).id);
  const objects: Record<string, string> = {};
  const revisions: Record<string, number> = {};
  const uids: string[] = [];
  const logs = new Set<string>();
  for (const pk of (await rows.partitions()).filter((pk) => pk.startsWith('/registry/'))) {
    for await (const { sk, rv, d } of itemsOf(rows, pk)) {
      if (pk.endsWith('#log')) logs.add(pk);
      if (pk.includes('#')) continue;
      const text = Buffer.from(unpack(d as Uint8Array)).toString();
      uids.push(/"uid":"([^"]*)"/.exec(text)![1]!);
      expect(text).toContain(`"resourceVersion":"${rv}"`);
      revisions[`${pk}/${sk}`] = rv as number;
      objects[`${pk}/${sk}`] = text.replaceAll(
        /"(uid|resourceVersion|creationTimestamp|time|lastTransitionTime)":"[^"]*"/g,
        '"$1":""',
      );
    }
  }
  return { objects, uids, revisions, logged: [...logs] };
}

/** Lets transactions that plant objects fail with these errors, in order; undefined: it succeeds. */
function failing(...errors: (TableError | undefined)[]): { readonly left: unknown[]; end(): void } {
  const transact = table.transact.bind(table);
  const isPlanting = (write: TransactedWrite) => 'claim' in write && write.claim.isUnlogged === true;
  const spy = vi.spyOn(table, 'transact').mockImplementation(async (writes, options) => {
    const error = writes.some(isPlanting) ? errors.shift() : undefined;
    if (error !== undefined) throw error;
    await transact(writes, options);
  });
  return { left: errors, end: () => spy.mockRestore() };
}

test('a planted control plane has the same objects, with their own identity and no log', async () => {
  const host = newHost();
  await make(host, 'first');
  await make(host, 'second');
  const [first, second] = [await contentsOf('first'), await contentsOf('second')];
  expect(second.objects).toEqual(first.objects);
  expect(Object.keys(second.objects).length).toBeGreaterThan(190);
  expect(new Set([...first.uids, ...second.uids]).size).toBe(2 * first.uids.length);
  expect(second.logged).toEqual([]);
});

test('its controllers have nothing left to do, and its objects can be changed', async () => {
  const before = await contentsOf('second');
  const host = newHost();
  await host.runtime.use(entryOf('second'), async ({ idle, resources: { client } }) => {
    await idle();
    expect((await contentsOf('second')).revisions).toEqual(before.revisions);
    const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
    await client.create(namespaces, { metadata: { name: 'shop' } });
    await client.delete(
      { ...namespaces, resource: 'serviceaccounts' },
      { namespace: 'default', name: 'default' },
    );
    await idle();
  });
  const { revisions } = await contentsOf('second');
  expect(revisions['/registry/core/namespaces/shop']).toBe(6);
  expect(revisions['/registry/core/serviceaccounts/default/default']).toBeGreaterThan(5);
});

const THROTTLED = new TableError('Throttled', 'throttled');

test.each<{ what: string; name: string; errors: (TableError | undefined)[] }>([
  { what: 'fails', name: 'failed', errors: [THROTTLED] },
  { what: 'fails halfway', name: 'half-failed', errors: [undefined, THROTTLED] },
  { what: 'has an unknown outcome', name: 'unknown', errors: [new TableError('Ambiguous', 'no response')] },
])('the objects are created by requests if planting them $what', async ({ name, errors }) => {
  const host = newHost();
  await make(host, `before-${name}`);
  const failures = failing(...errors);
  await make(host, name);
  failures.end();
  expect(failures.left).toEqual([]);
  const [first, second] = [await contentsOf('first'), await contentsOf(name)];
  expect(Object.keys(second.objects)).toEqual(Object.keys(first.objects));
  expect(second.logged).not.toEqual([]);
});

test('a control plane that is loaded again is ready', async () => {
  const host = newHost();
  const entry = entryOf('first');
  const [, encoded = ''] = /client-certificate-data: (\S+)/.exec(await host.newKubeconfig(entry)) ?? [];
  const { status } = await host.runtime.serve(entry, {
    ...{ method: 'GET', path: '/readyz', query: new URLSearchParams(), headers: headerFields([]) },
    ...{ body: new Uint8Array(), signal: new AbortController().signal, canStream: false },
    clientCertificates: [Buffer.from(encoded, 'base64').toString()],
  });
  expect(status).toBe(200);
});

test('nothing is logged', () => {
  expect(logged).toEqual([]);
});

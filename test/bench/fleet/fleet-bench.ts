/** Many tenants in one process, on the embedded DynamoDB: what making, loading and keeping them costs. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startControlPlane } from '../../../infra/local/control-plane.ts';
import { startEmbeddedDynamoDB } from '../../../infra/local/dynamodb/embedded-dynamodb.ts';
import { FleetHost } from '../../../infra/local/fleet/fleet-host.ts';
import { CONTROL_PLANES, type ControlPlane, MANAGEMENT_PLANE } from '../../../shared/fleet/control-plane.ts';
import { defineControlPlanes } from '../../../shared/fleet/define-control-planes.ts';
import { LifeCycleController } from '../../../shared/fleet/life-cycle-controller.ts';
import { isReady } from '../../../shared/fleet/tell-readiness.ts';
import { TenantDirectory, type TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { UsageRows } from '../../../shared/fleet/usage-rows.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import type { DynamoDBTable } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { newLogger } from '../../../shared/util/logger.ts';

const TABLE = 'zeroplane-fleet';
const TENANTS = 60;
/** Loaded before anything is measured: what all tenants share. */
const FIRST = 10;
/** By one apply. */
const TOGETHER = 10;

/** By tenants of a fleet. */
const entryOf = (name: string): TenantEntry => ({
  name,
  owner: `default/${name}`,
  id: `${name}.${randomUUID().slice(0, 8)}`,
  state: 'Active',
  table: TABLE,
  arguments: [],
  adminARNs: [],
  endpoint: `https://127.0.0.1:6443/tenants/${name}`,
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap and beside it, once garbage is gone. */
async function memory(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Seconds from the first object to the last that says that it is ready, in a management plane in this process. */
async function madeTogether(
  host: FleetHost,
  directory: TenantDirectory,
  table: DynamoDBTable,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-bench-'));
  const plane = await startControlPlane({
    tenant: MANAGEMENT_PLANE,
    folder: join(folder, 'pki'),
    table: new TenantTable(table, MANAGEMENT_PLANE),
    isAlone: true,
    serverOptions: {},
    controllers: ['*'],
    moreControllers: ({ resources }) => [
      new LifeCycleController({ resources, directory, host, usage: new UsageRows(table) }),
    ],
    prepare: defineControlPlanes,
    logger: newLogger((record) => console.error(record)),
  });
  const { client } = plane.resources;
  const namespace = 'default';
  const startedAt = performance.now();
  for (let at = 0; at < TOGETHER; at++) {
    const object = {
      apiVersion: `${CONTROL_PLANES.group}/${CONTROL_PLANES.version}`,
      kind: 'ControlPlane',
      metadata: { name: `together-${at}` },
      spec: {},
    };
    await client.create<KubeObject>(CONTROL_PLANES, object, { namespace });
  }
  while (!(await client.list<ControlPlane>(CONTROL_PLANES, { namespace })).every(isReady)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await plane.close();
  rmSync(folder, { recursive: true });
  return seconds;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const MIB = 1024 * 1024;

export async function run(): Promise<string> {
  const dynamodb = await startEmbeddedDynamoDB();
  const { openTable } = dynamodb;
  const table = openTable(TABLE);
  await table.create();
  const directory = new TenantDirectory(table);
  const host = new FleetHost({
    openTable,
    tableName: TABLE,
    isAlone: true,
    directory,
    addresses: publicAddresses(),
    cipher: new ExtendedNonceCipher(new Uint8Array(32)),
    certificateAuthority: '',
    controllers: ['*'],
    endpointOf: (name) => `https://127.0.0.1:6443/tenants/${name}`,
    logger: newLogger((record) => console.error(record)),
  });
  const ask = async (entry: TenantEntry, path: string): Promise<number> => {
    const from = performance.now();
    const { status } = await host.runtime.serve(entry, {
      method: 'GET',
      path,
      query: new URLSearchParams(),
      headers: headerFields([]),
      body: new Uint8Array(),
      signal: new AbortController().signal,
      canStream: true,
    });
    if (status >= 500) throw new Error(`${path} of ${entry.name}: ${status}`);
    return performance.now() - from;
  };
  const make = (entry: TenantEntry) => host.furnish(entry, [{ user: 'admin' }]);
  const quiet = () => host.runtime.idle();
  const entries = Array.from({ length: TENANTS + FIRST }, (_, i) => entryOf(`tenant-${i}`));
  for (const entry of entries.slice(0, FIRST)) await make(entry);
  await quiet();
  const before = await memory();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const others = entries.slice(FIRST);
  for (let at = 0; at < others.length; at += 4) await Promise.all(others.slice(at, at + 4).map(make));
  const rate = TENANTS / ((performance.now() - startedAt) / 1000);
  await quiet();
  const { user, system } = process.cpuUsage(cpuBefore);
  const afterMaking = await memory();
  for (const { name } of entries) await host.runtime.drop(name);
  const unloaded = await memory();
  const cold: number[] = [];
  for (const entry of entries) cold.push(await ask(entry, '/api/v1/namespaces'));
  const warm = await ask(entries[0]!, '/api/v1/namespaces');
  await quiet();
  const reloaded = await memory();
  const together = await madeTogether(host, directory, table);
  await host.close();
  table.close();
  await dynamodb.stop();
  const rows: [string, string, string][] = [
    ['new tenants a second, ready to use', rate.toFixed(1), '>= 20'],
    ['CPU of a new tenant, ms', ((user + system) / 1000 / TENANTS).toFixed(0), ''],
    ['memory per tenant after it was made, MiB', ((afterMaking - before) / TENANTS / MIB).toFixed(2), '<= 1'],
    [
      'memory per loaded, idle tenant, MiB',
      ((reloaded - unloaded) / entries.length / MIB).toFixed(2),
      '<= 1',
    ],
    ['first answer of a cold tenant, median ms', median(cold).toFixed(1), '<= 50'],
    [`${TOGETHER} that are asked for at once, until all are ready, s`, together.toFixed(1), '<= 10'],
    ['answer of a warm one, ms', warm.toFixed(1), ''],
  ];
  return [
    '| figure | measured | goal |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

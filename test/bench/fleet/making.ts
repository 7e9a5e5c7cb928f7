/** The cost of creating and loading tenants. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane } from '../../../infra/local/control-plane.ts';
import { CONTROL_PLANES, type ControlPlane, MANAGEMENT_PLANE } from '../../../shared/fleet/control-plane.ts';
import { defineControlPlanes } from '../../../shared/fleet/define-control-planes.ts';
import { LifeCycleController } from '../../../shared/fleet/life-cycle-controller.ts';
import { isReady } from '../../../shared/fleet/report-readiness.ts';
import { UsageRows } from '../../../shared/fleet/usage-rows.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { benchDefinition } from '../apiextensions/definitions.ts';
import { type BenchFleet, inTurns, memory, quantile, startBenchFleet } from './bench-fleet.ts';
import type { Row } from './row.ts';

const TENANTS = 60;
/** Tenants loaded before measurements begin, for the state that all tenants share. */
const FIRST = 10;
const AT_ONCE = 4;
/** Tenants created by one apply. */
const TOGETHER = 10;
const DEFINITIONS = 50;
/** Tenants that have all of the definitions before measurements begin, by which time all code is compiled. */
const FIRST_WITH_DEFINITIONS = 4;
const WITH_DEFINITIONS = 6;
const NAMESPACES = '/api/v1/namespaces';

export async function makingRows(): Promise<Row[]> {
  const fleet = await startBenchFleet();
  const { host } = fleet;
  const quiet = () => host.runtime.idle();
  const first = await inTurns(FIRST, AT_ONCE, (at) => fleet.make(`first-${at}`));
  await quiet();
  const before = await memory();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const others = await inTurns(TENANTS, AT_ONCE, (at) => fleet.make(`tenant-${at}`));
  const rate = TENANTS / ((performance.now() - startedAt) / 1000);
  await quiet();
  const { user, system } = process.cpuUsage(cpuBefore);
  const afterMaking = await memory();
  const all = [...first, ...others];
  for (const { entry } of all) await host.runtime.drop(entry.name);
  const unloaded = await memory();
  const cold: number[] = [];
  for (const tenant of all) cold.push(await fleet.timed(tenant, { path: NAMESPACES }));
  const warm: number[] = [];
  for (const tenant of all) warm.push(await fleet.timed(tenant, { path: NAMESPACES }));
  await quiet();
  const reloaded = await memory();
  const definitions = await definitionsMemory(fleet);
  const together = await madeTogether(fleet);
  await fleet.close();
  return [
    ['new tenants a second, ready to use', rate.toFixed(1), '>= 20'],
    [
      'processor time of this process for a new tenant, ms',
      ((user + system) / 1000 / TENANTS).toFixed(0),
      '',
    ],
    ['memory per tenant after it was made, MiB', ((afterMaking - before) / TENANTS).toFixed(2), '<= 1'],
    ['memory per loaded, idle tenant, MiB', ((reloaded - unloaded) / all.length).toFixed(2), '<= 1'],
    [
      `memory per further tenant with the same ${DEFINITIONS} definitions, MiB more`,
      definitions.toFixed(2),
      '<= 1',
    ],
    ['first answer of a cold tenant, median ms', quantile(cold, 0.5).toFixed(1), '<= 50'],
    ['answer of a warm one, median ms', quantile(warm, 0.5).toFixed(1), ''],
    [`${TOGETHER} that are asked for at once, until all are ready, s`, together.toFixed(1), '<= 10'],
  ];
}

/** MiB per tenant for definitions that other tenants also have, with an object of each written and read. */
export async function definitionsMemory(fleet: BenchFleet): Promise<number> {
  const define = async (at: number) => {
    const tenant = await fleet.make(`defined-${at}`);
    for (let one = 0; one < DEFINITIONS; one++) {
      const body = benchDefinition(`Widget${one}`);
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await fleet.timed(tenant, { method: 'POST', path, body });
      await fleet.host.runtime.idle();
      const { group, versions, names } = body.spec;
      const version = versions[0]!.name;
      const resource = `/apis/${group}/${version}/namespaces/default/${names.plural}`;
      const object = { apiVersion: `${group}/${version}`, kind: names.kind, metadata: { name: 'one' } };
      await fleet.timed(tenant, { method: 'POST', path: resource, body: object });
    }
    await fleet.host.runtime.idle();
  };
  for (let at = 0; at < FIRST_WITH_DEFINITIONS; at++) await define(at);
  const before = await memory();
  for (let at = 0; at < WITH_DEFINITIONS; at++) await define(FIRST_WITH_DEFINITIONS + at);
  const defined = (await memory()) - before;
  const beforePlain = await memory();
  for (let at = 0; at < WITH_DEFINITIONS; at++) {
    // Also used, so that the difference is that of the definitions.
    const tenant = await fleet.make(`plain-${at}`);
    const path = '/api/v1/namespaces/default/configmaps';
    await fleet.timed(tenant, { method: 'POST', path, body: { metadata: { name: 'one' } } });
    await fleet.host.runtime.idle();
  }
  const plain = (await memory()) - beforePlain;
  return (defined - plain) / WITH_DEFINITIONS;
}

/** Seconds from the first object until the last is ready, with a management plane in this process. */
async function madeTogether({ host, directory, table }: BenchFleet): Promise<number> {
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

/**
 * Controllers of a whole fleet: triggered by the table's stream for writes, and by a schedule for effects of time.
 * Tenants are run separately: one that fails is put off, without delaying others.
 */

import type { DynamoDBStreamEvent } from 'aws-lambda';
import { MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { DueTenants } from '../../shared/fleet/due-tenants.ts';
import { LifeCycleController } from '../../shared/fleet/life-cycle-controller.ts';
import { publishUsage } from '../../shared/fleet/publish-usage.ts';
import type { TenantState } from '../../shared/fleet/tenant-directory.ts';
import { UsageRows } from '../../shared/fleet/usage-rows.ts';
import type { ControllerFailure } from '../../shared/server/controller-round.ts';
import type { ControlPlane } from '../../shared/server/create-control-plane.ts';
import { appendAll } from '../../shared/util/append-all.ts';
import { once } from '../../shared/util/once.ts';
import {
  changesOfKey,
  grownLogs,
  isQuiet,
  recordsOfTenants,
  type WrittenKey,
  writtenKeys,
} from './change-stream.ts';
import type { RoundOutcome } from './controllers-log.ts';
import { createFunctionFleet, type FunctionFleet } from './function-fleet.ts';
import { functionTenantHost } from './function-tenant-host.ts';
import { logger } from './logger.ts';
import { FUNCTION_HOSTING, startManagementPlane } from './management-plane.ts';
import { tablePlace } from './table-place.ts';

export interface FleetControllers {
  /** Creates the initial objects of the management plane. Throws Error for unusable flags. */
  prepare(): Promise<void>;
  /** Rejects only for failures that can't be put off, and if hosts can't be told: the stream then repeats the records. */
  onRecords(event: DynamoDBStreamEvent): Promise<RoundOutcome>;
  /** Runs the controllers of tenants that are due, and publishes tenants' usage in their objects. */
  onSchedule(): Promise<RoundOutcome>;
}

/** Milliseconds to wait for a tenant to settle. */
const RETRY_WINDOW_MS = 2_000;
/** Milliseconds until a tenant that failed is retried. */
const PUT_OFF_MS = 60_000;
/** Written objects may expire by then, without another write. */
const RESYNC_MS = 3600_000;
/** States of tenants that will be active. */
const ON_THE_WAY: ReadonlySet<TenantState> = new Set(['Starting', 'Moving']);
/** Number of tenants run concurrently: processor time is shared, but waiting overlaps. */
const AT_ONCE = 4;

/** `endpoint`: of the management plane. */
export function createFleetControllers(environment: NodeJS.ProcessEnv): FleetControllers {
  const fleet = createFunctionFleet(environment, FUNCTION_HOSTING);
  const due = new DueTenants(fleet.table);
  const host = functionTenantHost({
    ...{ fleet, due, endpointOf: endpointsOf(environment), place: tablePlace(environment) },
    functionName: environment['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
  });
  const management = once(() =>
    startManagementPlane(environment, fleet, {
      endpoint: environment['ZEROPLANE_ENDPOINT'],
      moreControllers: ({ resources }) => [
        new LifeCycleController({
          resources,
          directory: fleet.directory,
          host,
          usage: new UsageRows(fleet.table),
        }),
      ],
      hosting: FUNCTION_HOSTING,
    }),
  );

  /** Runs one tenant's controllers, and schedules the remaining work. */
  const runTenant = async (
    id: string,
    plane: ControlPlane,
    written: readonly WrittenKey[] | undefined,
  ): Promise<readonly ControllerFailure[]> => {
    const loud = written?.filter(({ resource }) => !isQuiet(resource));
    const changes = loud && (await Promise.all(loud.map((one) => changesOfKey(plane.resources, one)))).flat();
    const failures = await plane.reconcile({ changes, patienceMs: RETRY_WINDOW_MS });
    const nextIn = plane.nextIn();
    if (failures.length > 0) logger.error(`controllers of ${id} failed`, JSON.stringify(failures));
    const waits = [
      ...(failures.length > 0 ? [PUT_OFF_MS] : []),
      ...(nextIn === undefined ? [] : [nextIn]),
      ...(written === undefined ? [] : [RESYNC_MS]),
    ];
    const wait = waits.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
    if (wait < Number.POSITIVE_INFINITY) await due.put({ id, at: Math.ceil(Date.now() + wait) });
    return failures.map(({ key, ...failure }) => ({ ...failure, key: `${id} ${key}` }));
  };

  const run = async (
    id: string,
    written: readonly WrittenKey[] | undefined,
  ): Promise<readonly ControllerFailure[]> => {
    if (id === MANAGEMENT_PLANE) return runTenant(id, await management(), written);
    const entry = await fleet.directory.findById(id);
    // A tenant that can't run yet is put off; a suspended one becomes due when it is resumed.
    if (entry !== undefined && ON_THE_WAY.has(entry.state))
      await due.put({ id, at: Date.now() + PUT_OFF_MS });
    if (entry?.state !== 'Active') return [];
    return fleet.runtime.use(entry, ({ plane }) => runTenant(id, plane, written));
  };

  /** Runs each tenant, regardless of failures of others. */
  const runAll = async (
    work: readonly (readonly [string, readonly WrittenKey[] | undefined])[],
  ): Promise<readonly ControllerFailure[]> => {
    const queue = [...work];
    const failures: ControllerFailure[] = [];
    const next = async (): Promise<void> => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        const [id, written] = one;
        try {
          appendAll(failures, await run(id, written));
        } catch (error) {
          logger.error(`controllers of ${id} can't run`, error);
          failures.push({ controller: 'fleet', key: id, reason: String(error) });
          await due.put({ id, at: Date.now() + PUT_OFF_MS });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    fleet.runtime.sweep();
    await fleet.meter.flush();
    return failures;
  };

  return {
    async prepare() {
      // Needed only by deployments.
      const { defineControlPlanes } = await import('../../shared/fleet/define-control-planes.ts');
      await defineControlPlanes((await management()).resources);
    },
    async onRecords(event) {
      const records = [...recordsOfTenants(event)];
      const notifying = notifyHosts(fleet, records);
      // Awaited once the controllers have run.
      notifying.catch(() => undefined);
      const work = records.map(([id, own]) => [id, writtenKeys(own)] as const);
      const changes = work.reduce((sum, [, written]) => sum + written.length, 0);
      const failures = await runAll(work);
      await notifying;
      return { changes, failures };
    },
    async onSchedule() {
      const now = Date.now();
      const ready = (await due.list()).filter(({ at }) => at <= now);
      const failures = await runAll(ready.map(({ id }) => [id, undefined] as const));
      // Tenants that are due again have a newer row, which stays.
      for (const one of ready) await due.remove(one);
      await publishUsage(fleet.table, async () => (await management()).resources, fleet.directory);
      return { changes: undefined, failures };
    },
  };
}

/**
 * Sends the hints of tenants' writes: a writer may have died before it sent them, or they may have been lost, but the
 * stream contains every write. Rejects with StorageError if some of them can't be stored.
 */
async function notifyHosts(
  { announce }: FunctionFleet,
  records: readonly (readonly [id: string, own: DynamoDBStreamEvent])[],
): Promise<void> {
  await Promise.all(records.map(([id, own]) => announce(id, grownLogs(own))));
}

function endpointsOf(environment: NodeJS.ProcessEnv): (name: string) => string {
  const domain = environment['ZEROPLANE_FLEET_DOMAIN'];
  const endpoint = environment['ZEROPLANE_ENDPOINT'];
  if (domain) return (name) => `https://${name}.${domain}`;
  if (!endpoint)
    throw new Error(
      'ZEROPLANE_ENDPOINT must be the address of the API, or ZEROPLANE_FLEET_DOMAIN its domain',
    );
  return (name) => `${endpoint}/tenants/${name}`;
}

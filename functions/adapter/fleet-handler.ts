/** A deployed fleet's requests: the management plane and all tenants, by host name or path. */

import { MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { fleetRouter } from '../../shared/fleet/fleet-router.ts';
import { TenantTraffic } from '../../shared/fleet/tenant-traffic.ts';
import type { TenantUsage } from '../../shared/fleet/tenant-usage.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import type { ControlPlane, NewControllers } from '../../shared/server/create-control-plane.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { withPage } from '../../shared/ui/with-page.ts';
import { createFunctionFleet, type FleetHosting, type FunctionFleet } from './function-fleet.ts';
import { startFunctionPlane } from './function-server.ts';
import { logger, tableUsage } from './logger.ts';

/** An environment serves one request at a time, so that what it holds is what its memory has room for. */
export const FUNCTION_HOSTING: FleetHosting = {
  frozenBetweenRequests: true,
  maxLoaded: 50,
  logger,
  tableUsage,
  tellUsage: (tenant, usage, seconds) => console.log(usageLine(tenant, usage, seconds)),
};

/** A line of JSON for each tenant and minute: no metrics, which would cost by tenant. */
export function usageLine(tenant: string, usage: TenantUsage, seconds: number): string {
  return JSON.stringify({ level: 'info', message: 'usage', tenant, seconds, ...usage });
}

export interface ManagementPlaneOptions {
  /** The address that the gateway was called by. */
  readonly endpoint?: string | undefined;
  readonly moreControllers?: NewControllers | undefined;
  readonly hosting: FleetHosting;
}

/** The management plane, with what a control plane is born with. */
export async function startManagementPlane(
  environment: NodeJS.ProcessEnv,
  { table, hintsOf }: Pick<FunctionFleet, 'table' | 'hintsOf'>,
  { endpoint, moreControllers, hosting }: ManagementPlaneOptions,
): Promise<ControlPlane> {
  const { memory, frozenBetweenRequests, logger, tableUsage } = hosting;
  const storage = new DynamoDBStorageFactory({
    table: new TenantTable(table, MANAGEMENT_PLANE),
    memory,
    hintsOf: hintsOf(MANAGEMENT_PLANE),
  });
  return startFunctionPlane(environment, endpoint, {
    storage,
    moreControllers,
    frozenBetweenRequests,
    logger,
    tableUsage,
  });
}

export interface FleetHandler {
  readonly handler: ApiHandler;
  readonly fleet: FunctionFleet;
  /** Watches end; other requests go on. */
  drain(): void;
}

/** `ZEROPLANE_FLEET_DOMAIN`: below which each tenant has a host name; empty: they have paths alone. */
export function fleetHandler(
  environment: NodeJS.ProcessEnv,
  hosting: FleetHosting,
  endpointOf: () => string | undefined,
): FleetHandler {
  const fleet = createFunctionFleet(environment, hosting);
  let made: Promise<ControlPlane> | undefined;
  // A process that only sees tenants never needs it.
  const management = (): Promise<ControlPlane> => {
    made ??= startManagementPlane(environment, fleet, { endpoint: endpointOf(), hosting }).catch(
      (error: unknown) => {
        made = undefined;
        throw error;
      },
    );
    return made;
  };
  const route = fleetRouter({
    directory: fleet.directory,
    runtime: fleet.runtime,
    traffic: new TenantTraffic({ usage: fleet.meter.usage, shared: fleet.sharedLimits }),
    management: withPage(async (request) => (await management()).handler(request)),
    domain: environment['ZEROPLANE_FLEET_DOMAIN']?.toLowerCase() || undefined,
    logger: hosting.logger,
  });
  return {
    fleet,
    handler: async (request) => {
      fleet.runtime.sweep();
      // Who is frozen between requests has no other time.
      if (hosting.frozenBetweenRequests) await fleet.meter.flush();
      return route(request);
    },
    drain: () => {
      fleet.runtime.drain();
      void made?.then((plane) => plane.drain()).catch(() => undefined);
    },
  };
}

/** The handler of a fleet's function. */
export async function createFleetHandler(endpoint: string | undefined): Promise<ApiHandler> {
  return fleetHandler(process.env, FUNCTION_HOSTING, () => endpoint).handler;
}

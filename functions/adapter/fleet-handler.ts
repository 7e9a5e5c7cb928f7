/** The handler of a fleet's function: the management plane and all tenants, by host name or path. */

import { MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { fleetRouter } from '../../shared/fleet/fleet-router.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import type { ControlPlane, NewControllers } from '../../shared/server/create-control-plane.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { withPage } from '../../shared/ui/with-page.ts';
import { createFunctionFleet, type FunctionFleet } from './function-fleet.ts';
import { startFunctionPlane } from './function-server.ts';
import { logger } from './logger.ts';

/** The management plane, with what a control plane is born with. */
export async function startManagementPlane(
  environment: NodeJS.ProcessEnv,
  { table }: Pick<FunctionFleet, 'table'>,
  endpoint?: string,
  moreControllers?: NewControllers,
): Promise<ControlPlane> {
  const storage = new DynamoDBStorageFactory({ table: new TenantTable(table, MANAGEMENT_PLANE) });
  return startFunctionPlane(environment, endpoint, { storage, moreControllers });
}

/** `ZEROPLANE_FLEET_DOMAIN`: below which each tenant has a host name; empty: they have paths alone. */
export async function createFleetHandler(endpoint: string | undefined): Promise<ApiHandler> {
  const fleet = createFunctionFleet(process.env);
  let made: Promise<ControlPlane> | undefined;
  // An environment that only sees tenants never needs it.
  const management = (): Promise<ControlPlane> => {
    made ??= startManagementPlane(process.env, fleet, endpoint).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  const route = fleetRouter({
    directory: fleet.directory,
    runtime: fleet.runtime,
    management: withPage(async (request) => (await management()).handler(request)),
    domain: process.env['ZEROPLANE_FLEET_DOMAIN']?.toLowerCase() || undefined,
    logger,
  });
  return (request) => {
    fleet.runtime.sweep();
    return route(request);
  };
}

/** The management plane of a deployed fleet, in its functions. */

import { MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { CONTROL_PLANE_ADMISSION } from '../../shared/fleet/control-plane-admission.ts';
import type { TenantUsage } from '../../shared/fleet/tenant-usage.ts';
import type { ControlPlane, NewControllers } from '../../shared/server/create-control-plane.ts';
import { CircuitBreakerTable } from '../../shared/storage/dynamodb/circuit-breaker-table.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { systemClock } from '../../shared/util/clock.ts';
import type { FleetHosting, FunctionFleet } from './function-fleet.ts';
import { functionMemory } from './function-memory.ts';
import { startFunctionPlane } from './function-server.ts';
import { logger, tableUsage } from './logger.ts';
import { loadedTenants, storageBounds } from './storage-memory.ts';

/** An environment serves one request at a time, so only its memory limits the number of loaded tenants. */
export const FUNCTION_HOSTING: FleetHosting = {
  frozenBetweenRequests: true,
  maxLoaded: loadedTenants(Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) || undefined),
  isShort: () => functionMemory.isShort,
  ...storageBounds(process.env),
  logger,
  tableUsage,
  reportUsage: (tenant, usage, seconds) => console.log(usageLine(tenant, usage, seconds)),
};

/** A JSON log line for each tenant and minute, without metrics, which would be billed per tenant. */
export function usageLine(tenant: string, usage: TenantUsage, seconds: number): string {
  return JSON.stringify({ level: 'info', message: 'usage', tenant, seconds, ...usage });
}

export interface ManagementPlaneOptions {
  /** The gateway's address in the request. */
  readonly endpoint?: string | undefined;
  readonly moreControllers?: NewControllers | undefined;
  /** See `functionStorage`. */
  readonly sheds?: boolean;
  readonly hosting: FleetHosting;
}

/** Starts the management plane, including its initial objects. */
export async function startManagementPlane(
  environment: NodeJS.ProcessEnv,
  { table, hintsOf }: Pick<FunctionFleet, 'table' | 'hintsOf'>,
  { endpoint, moreControllers, sheds = false, hosting }: ManagementPlaneOptions,
): Promise<ControlPlane> {
  const { memory, windowBytes, frozenBetweenRequests, logger, tableUsage } = hosting;
  const own = new TenantTable(table, MANAGEMENT_PLANE);
  const storage = new DynamoDBStorageFactory({
    table: sheds ? new CircuitBreakerTable(own, systemClock) : own,
    memory,
    windowBytes,
    hintsOf: hintsOf(MANAGEMENT_PLANE),
  });
  return startFunctionPlane(environment, endpoint, {
    storage,
    moreControllers,
    admissionPlugins: CONTROL_PLANE_ADMISSION,
    frozenBetweenRequests,
    logger,
    tableUsage,
  });
}

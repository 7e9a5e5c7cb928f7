/** One loaded tenant of a local fleet: its server, its controllers, its rows of the fleet's table. */

import { createTenantPlane, type TenantPlaneOptions } from '../../../functions/adapter/tenant-plane.ts';
import { isPlaceholder } from '../../../shared/fleet/placeholder-tenant.ts';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import type { LoadedTenant } from '../../../shared/fleet/tenant-runtime.ts';
import type { ResourceAccess } from '../../../shared/rest/resource-access.ts';
import type { HostKeys } from '../../../shared/server/host-keys.ts';
import type { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';

export interface FleetTenant extends LoadedTenant {
  readonly resources: ResourceAccess;
  readonly keys: HostKeys;
  /** Resolves when its controllers have nothing to do now. */
  idle(): Promise<void>;
  /** Milliseconds until its controllers have work due that time alone causes. */
  nextIn(): number | undefined;
}

export interface OpenTenantOptions extends TenantPlaneOptions {
  /** Shared by successive servers of a tenant; closed by the caller. */
  readonly storage: DynamoDBStorageFactory;
  readonly certificateAuthority: string;
  /** Its controllers have seen every write, so a full sync isn't needed. */
  readonly isAtRest: boolean;
  /** kube-controller-manager's `--controllers`. */
  readonly controllers: readonly string[];
}

/** Resolves when the tenant answers; rejects if its initial objects can't be created. */
export async function openTenant(entry: TenantEntry, options: OpenTenantOptions): Promise<FleetTenant> {
  const { isAtRest, ...more } = options;
  const { plane, keys } = await createTenantPlane(entry, more);
  // Catching up on what happened while it wasn't loaded runs in parallel with its first requests.
  if (!isPlaceholder(entry)) await plane.start(isAtRest ? 'atRest' : 'ready');
  return {
    handler: plane.handler,
    resources: plane.resources,
    keys,
    nextIn: () => plane.nextIn(),
    idle: () => plane.idle(),
    drain: () => plane.drain(),
    close: async () => {
      await plane.idle();
      await plane.close();
    },
  };
}

/** One tenant of a local fleet, loaded: its server, its controllers, its rows of the fleet's table. */

import { tenantKeys } from '../../functions/adapter/tenant-keys.ts';
import { parseTenantArguments } from '../../shared/fleet/tenant-arguments.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import { TenantKeyRows } from '../../shared/fleet/tenant-key-rows.ts';
import type { LoadedTenant } from '../../shared/fleet/tenant-runtime.ts';
import type { ResourceAccess } from '../../shared/rest/resource-access.ts';
import { createControlPlane } from '../../shared/server/create-control-plane.ts';
import type { HostKeys } from '../../shared/server/host-keys.ts';
import type { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import type { Cipher } from '../../shared/storage/encryption/cipher.ts';
import type { AddressGuard } from '../../shared/util/address-guard.ts';
import { type Logger, namedLogger } from '../../shared/util/logger.ts';

export interface FleetTenant extends LoadedTenant {
  readonly resources: ResourceAccess;
  readonly keys: HostKeys;
  /** Resolves when its controllers have nothing to do now. */
  idle(): Promise<void>;
  /** Milliseconds until its controllers have something to do that time alone brings about. */
  nextIn(): number | undefined;
}

export interface OpenTenantOptions {
  readonly table: TenantTable;
  /** Shared by the servers of a tenant that follow each other, and their maker's to close. */
  readonly storage: DynamoDBStorageFactory;
  /** Whom the tenant may make this process call. */
  readonly addresses: AddressGuard;
  /** Seals the tenant's keys. */
  readonly cipher: Cipher;
  /** PEM: whom clients of the fleet's address trust. */
  readonly certificateAuthority: string;
  /** Its controllers have seen every write: there is nothing to look for. */
  readonly isAtRest: boolean;
  /** kube-controller-manager's `--controllers`. */
  readonly controllers: readonly string[];
  readonly logger: Logger;
}

/** A tenant's files are nobody's: the flags that name some can't be chosen. */
function noFiles(path: string): never {
  throw new Error(`there is no file ${path} in a fleet`);
}

/** Resolves when the tenant answers; rejects if what it is born with can't be made. */
export async function openTenant(entry: TenantEntry, options: OpenTenantOptions): Promise<FleetTenant> {
  const { storage, certificateAuthority, logger } = options;
  const rows = new TenantKeyRows(options.table, entry.id, options.cipher);
  const keys: HostKeys = { ...tenantKeys(rows, undefined, 0), rootCA: () => certificateAuthority };
  const { hostname, port } = new URL(entry.endpoint);
  const plane = await createControlPlane({
    storage,
    options: {
      ...parseTenantArguments(entry.arguments),
      advertiseAddress: hostname,
      advertisePort: Number(port || 443),
      serviceAccountIssuer: [entry.endpoint, 'https://kubernetes.default.svc'],
      serviceAccountJWKSURI: `${entry.endpoint}/openid/v1/jwks`,
    },
    addresses: options.addresses,
    controllers: options.controllers,
    bootstrap: 'oncePerTenant',
    keys,
    readFile: noFiles,
    logger: namedLogger(entry.name, logger),
  });
  // What happened while it wasn't loaded is looked at beside its first requests, which don't wait for it.
  await plane.start(options.isAtRest ? 'atRest' : 'ready');
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

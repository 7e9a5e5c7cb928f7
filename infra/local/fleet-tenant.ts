/** One tenant of a local fleet, loaded: its server, its controllers, its rows of the fleet's table. */

import { ensureBootstrap } from '../../functions/adapter/bootstrap.ts';
import { tenantKeys } from '../../functions/adapter/tenant-keys.ts';
import { builtInControllers, selectControllers } from '../../shared/controllers/built-in-controllers.ts';
import { ControllerManager } from '../../shared/controllers/controller-manager.ts';
import { DiscoveryCatalog } from '../../shared/controllers/discovery-catalog.ts';
import { observeWrites } from '../../shared/controllers/observed-storage.ts';
import { StorageSweeper } from '../../shared/controllers/storage-sweeper.ts';
import { parseTenantArguments } from '../../shared/fleet/tenant-arguments.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import { TenantKeyRows } from '../../shared/fleet/tenant-key-rows.ts';
import type { LoadedTenant } from '../../shared/fleet/tenant-runtime.ts';
import type { ResourceAccess } from '../../shared/rest/resource-access.ts';
import { createServer } from '../../shared/server/create-server.ts';
import type { HostKeys } from '../../shared/server/host-keys.ts';
import type { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import type { Cipher } from '../../shared/storage/encryption/cipher.ts';
import type { AddressGuard } from '../../shared/util/address-guard.ts';
import { SWEEP_MS, sweep } from './control-plane.ts';

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
  readonly logError: (message: string, error: unknown) => void;
}

/** A tenant's files are nobody's: the flags that name some can't be chosen. */
function noFiles(path: string): never {
  throw new Error(`there is no file ${path} in a fleet`);
}

/** Resolves when the tenant answers; rejects if what it is born with can't be made. */
export async function openTenant(entry: TenantEntry, options: OpenTenantOptions): Promise<FleetTenant> {
  const { storage, certificateAuthority, logError } = options;
  const rows = new TenantKeyRows(options.table, entry.id, options.cipher);
  const keys: HostKeys = { ...tenantKeys(rows, undefined, 0), rootCA: () => certificateAuthority };
  const sweeper = new StorageSweeper(storage);
  let manager: ControllerManager | undefined;
  const storageFactory = observeWrites(sweeper.storageFactory(), (change) => manager?.observe(change));
  const { hostname, port } = new URL(entry.endpoint);
  const server = await createServer(
    {
      ...parseTenantArguments(entry.arguments),
      advertiseAddress: hostname,
      advertisePort: Number(port || 443),
      serviceAccountIssuer: [entry.endpoint, 'https://kubernetes.default.svc'],
      serviceAccountJWKSURI: `${entry.endpoint}/openid/v1/jwks`,
    },
    { storageFactory, logError, readFile: noFiles, keys, addresses: options.addresses },
  );
  const { resources } = server;
  const builtIn = builtInControllers({ resources, catalog: new DiscoveryCatalog(server.discovery) });
  manager = new ControllerManager({
    controllers: [
      ...selectControllers([...builtIn, ...server.controllers], options.controllers),
      ...server.ownControllers,
    ],
    onError: (controller, key, error) =>
      logError(`${entry.name}: ${controller} failed on ${key}, will try again`, error),
  });
  const running = manager;
  const sweeping = setInterval(() => {
    sweep(sweeper).catch((error: unknown) =>
      logError(`${entry.name}: sweeping the storage failed, will try again`, error),
    );
  }, SWEEP_MS);
  sweeping.unref();
  await ensureBootstrap(server, storage);
  // What happened while it wasn't loaded; nobody's first answer waits for it.
  const resynced = options.isAtRest ? Promise.resolve() : running.resync();
  return {
    handler: server.handler,
    resources,
    keys,
    nextIn: () => running.nextIn,
    idle: async () => {
      await resynced;
      await running.idle();
    },
    drain: () => server.drain(),
    close: async () => {
      clearInterval(sweeping);
      await resynced;
      await running.idle();
      await running.stop();
      await server.close();
    },
  };
}

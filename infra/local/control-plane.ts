/** One tenant's control plane in this process: server, storage, controllers, certificates. */

import { join } from 'node:path';
import { builtInControllers, selectControllers } from '../../shared/controllers/built-in-controllers.ts';
import type { Controller } from '../../shared/controllers/controller.ts';
import { ControllerManager } from '../../shared/controllers/controller-manager.ts';
import { DiscoveryCatalog } from '../../shared/controllers/discovery-catalog.ts';
import { observeWrites } from '../../shared/controllers/observed-storage.ts';
import { StorageSweeper } from '../../shared/controllers/storage-sweeper.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import type { ResourceAccess } from '../../shared/rest/resource-access.ts';
import type { HostAdmissionPlugins } from '../../shared/server/admission.ts';
import { createServer } from '../../shared/server/create-server.ts';
import type { ServerRunOptions } from '../../shared/server/options.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { DynamoDBTable } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { ensurePKI, type PKI } from './pki.ts';

export interface ControlPlaneOptions {
  readonly tenant: string;
  /** Folder of the tenant's certificates and keys. */
  readonly folder: string;
  /** Made, if it isn't there; closed with the control plane. */
  readonly table: DynamoDBTable;
  /** The DynamoDB belongs to this process, and no other writes to it. */
  readonly isAlone: boolean;
  /** What the command line said; the local server's own choices stand behind it. */
  readonly serverOptions: Partial<ServerRunOptions>;
  /** kube-controller-manager's `--controllers`. */
  readonly controllers: readonly string[];
  /** Run beside the others, whatever `controllers` says. */
  readonly moreControllers?: ((resources: ResourceAccess) => readonly Controller[]) | undefined;
  /** Admission plugins beside the built-in ones. */
  readonly admissionPlugins?: HostAdmissionPlugins | undefined;
  /** Runs when the API answers, before controllers look at anything. */
  readonly prepare?: ((resources: ResourceAccess) => Promise<void>) | undefined;
  readonly logError: (message: string, error: unknown) => void;
  readonly logWarning?: (text: string) => void;
}

export interface ControlPlane {
  readonly tenant: string;
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  readonly pki: PKI;
  /** Readiness fails from here on, and watches end; other requests go on. */
  drain(): void;
  close(): Promise<void>;
}

/** A disk of one's own gains nothing by small values that are smaller; a transaction takes 4 MB. */
const LOCAL_PACK_FROM = 64 * 1024;

/** Milliseconds between two sweeps. */
export const SWEEP_MS = 5 * 60_000;

/** What the local server chooses where the command line says nothing: RBAC, and its own certificates. */
function localOptions(
  folder: string,
  { authorizationConfig = '' }: Partial<ServerRunOptions>,
): Partial<ServerRunOptions> {
  return {
    ...(authorizationConfig === '' && { authorizationMode: ['RBAC'] }),
    clientCAFile: join(folder, 'ca.crt'),
    requestheaderClientCAFile: join(folder, 'front-proxy-ca.crt'),
    requestheaderAllowedNames: ['front-proxy-client'],
    proxyClientCertFile: join(folder, 'front-proxy-client.crt'),
    proxyClientKeyFile: join(folder, 'front-proxy-client.key'),
    serviceAccountSigningKeyFile: join(folder, 'sa.key'),
    rootCAFile: join(folder, 'ca.crt'),
    clusterSigningCertFile: join(folder, 'ca.crt'),
    clusterSigningKeyFile: join(folder, 'ca.key'),
    enableBootstrapTokenAuth: true,
  };
}

/** The embedded DynamoDB expires nothing by itself. */
export async function sweep(sweeper: StorageSweeper): Promise<void> {
  await sweeper.sweepExpired();
  await sweeper.removeLeftovers();
}

/** Resolves when the control plane answers and has what a cluster is born with. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { tenant, folder, table, logError, logWarning } = options;
  const pki = await ensurePKI(folder);
  const storage = new DynamoDBStorageFactory({
    table,
    protocol: { alone: options.isAlone, ...(options.isAlone && { packFrom: LOCAL_PACK_FROM }) },
  });
  await storage.createTable();
  let manager: ControllerManager | undefined;
  const sweeper = new StorageSweeper(storage);
  const storageFactory = observeWrites(sweeper.storageFactory(), (change) => manager?.observe(change));
  const serverOptions = { ...localOptions(folder, options.serverOptions ?? {}), ...options.serverOptions };
  const server = await createServer(serverOptions, {
    storageFactory,
    admissionPlugins: options.admissionPlugins,
    logError,
    logWarning,
  });
  const builtIn = builtInControllers({
    resources: server.resources,
    catalog: new DiscoveryCatalog(server.discovery),
  });
  manager = new ControllerManager({
    controllers: [
      ...selectControllers([...builtIn, ...server.controllers], options.controllers),
      ...server.ownControllers,
      ...(options.moreControllers?.(server.resources) ?? []),
    ],
    onError: (controller, key, error) => logError(`${controller} failed on ${key}, will try again`, error),
  });
  const sweeping = setInterval(() => {
    sweep(sweeper).catch((error: unknown) => logError('sweeping the storage failed, will try again', error));
  }, SWEEP_MS);
  sweeping.unref();
  await server.ready();
  await options.prepare?.(server.resources);
  await manager.resync();
  await manager.idle();
  return {
    tenant,
    pki,
    handler: server.handler,
    resources: server.resources,
    drain: () => server.drain(),
    close: async () => {
      clearInterval(sweeping);
      await manager.stop();
      await server.close();
      await storage.close();
    },
  };
}

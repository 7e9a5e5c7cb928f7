/** One tenant's control plane in this process: server, storage, controllers, certificates. */

import { join } from 'node:path';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import type { ResourceAccess } from '../../shared/rest/resource-access.ts';
import { type ControlPlaneOptions, createControlPlane } from '../../shared/server/create-control-plane.ts';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { DynamoDBTable } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import type { StorageMemory } from '../../shared/storage/dynamodb/storage-memory.ts';
import { withPage } from '../../shared/ui/with-page.ts';
import { ensurePKI, frontProxyClientFile, type PKI, trustedFile } from './keys/pki.ts';
import { signingKeyFile, verifyingKeyFiles } from './keys/service-account-keys.ts';
import { localStorageMemory } from './storage-memory.ts';

export interface LocalControlPlaneOptions
  extends Pick<
    ControlPlaneOptions,
    'moreControllers' | 'admissionPlugins' | 'prepare' | 'logger' | 'tableUsage'
  > {
  readonly tenant: string;
  /** Folder of the tenant's certificates and keys. */
  readonly folder: string;
  /** Created if absent; closed with the control plane. */
  readonly table: DynamoDBTable;
  /** The DynamoDB belongs to this process, and no other writes to it. */
  readonly isAlone: boolean;
  /** Shared with other control planes of the process; unset: this one has its own. */
  readonly memory?: StorageMemory | undefined;
  /** Options of the command line, which take precedence over the local server's defaults. */
  readonly serverOptions: Partial<ServerRunOptions>;
  /** kube-controller-manager's `--controllers`. */
  readonly controllers: readonly string[];
}

export interface LocalControlPlane {
  readonly tenant: string;
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  readonly pki: PKI;
  /** Makes readiness fail, and ends watches; other requests continue. */
  drain(): void;
  close(): Promise<void>;
}

/**
 * Differences in the storage's protocol for the only writer of a local disk: it gains nothing from compressing small
 * values; a transaction may have 4 MB.
 */
export const SOLE_WRITER = { alone: true, packFrom: 64 * 1024 };

/** The local server's defaults: RBAC, and its own certificates. */
function localOptions(
  folder: string,
  { authorizationConfig = '', serviceAccountSigningKeyFile = '' }: Partial<ServerRunOptions>,
): Partial<ServerRunOptions> {
  return {
    ...(authorizationConfig === '' && { authorizationMode: ['RBAC'] }),
    clientCAFile: trustedFile(folder, 'ca'),
    requestheaderClientCAFile: trustedFile(folder, 'front-proxy-ca'),
    requestheaderAllowedNames: ['front-proxy-client'],
    proxyClientCertFile: frontProxyClientFile(folder),
    proxyClientKeyFile: join(folder, 'front-proxy-client.key'),
    serviceAccountSigningKeyFile: signingKeyFile(folder),
    // With a given signing key, the keys to verify with must be given, too.
    ...(serviceAccountSigningKeyFile === '' && { serviceAccountKeyFile: verifyingKeyFiles(folder) }),
    rootCAFile: trustedFile(folder, 'ca'),
    clusterSigningCertFile: join(folder, 'ca.crt'),
    clusterSigningKeyFile: join(folder, 'ca.key'),
    enableBootstrapTokenAuth: true,
  };
}

/** Resolves when the control plane answers and has its initial objects. */
export async function startControlPlane(options: LocalControlPlaneOptions): Promise<LocalControlPlane> {
  const { tenant, folder, table } = options;
  const pki = await ensurePKI(folder);
  const storage = new DynamoDBStorageFactory({
    table,
    memory: options.memory ?? localStorageMemory(),
    protocol: options.isAlone ? SOLE_WRITER : {},
  });
  await storage.createTable();
  const plane = await createControlPlane({
    storage,
    options: { ...localOptions(folder, options.serverOptions), ...options.serverOptions },
    controllers: options.controllers,
    moreControllers: options.moreControllers,
    admissionPlugins: options.admissionPlugins,
    prepare: options.prepare,
    logger: options.logger,
    tableUsage: options.tableUsage,
  });
  await plane.start();
  return {
    tenant,
    pki,
    handler: withPage(plane.handler),
    resources: plane.resources,
    drain: () => plane.drain(),
    close: async () => {
      await plane.close();
      await storage.close();
    },
  };
}

/** `zeroplane start`: the embedded DynamoDB, a control plane per tenant, one listener. */

import { join, resolve } from 'node:path';
import { externalControllers } from '../../shared/controllers/controller-names.ts';
import { withoutEffect } from '../../shared/server/options/flags-without-effect.ts';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import { advertisedAddress } from './advertised-address.ts';
import { type LocalControlPlane, startControlPlane } from './control-plane.ts';
import { ensureDataFolder } from './dynamodb/data-folder.ts';
import { startEmbeddedDynamoDB } from './dynamodb/embedded-dynamodb.ts';
import { lockFolder } from './dynamodb/folder-lock.ts';
import { tenantPath, tenantRouter } from './fleet/tenants.ts';
import { GRACE_MS, startHttpsServer } from './http/https-server.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { localLogger } from './logger.ts';
import { readStart } from './read-start.ts';
import { readyLine } from './ready-line.ts';
import { shellWord } from './shell-word.ts';
import { localStorageMemory } from './storage-memory.ts';
import { terminationSignalWhile } from './termination-signal.ts';

export interface StartOptions {
  readonly dataDir: string;
  readonly inMemory: boolean;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly writeKubeconfig?: string | undefined;
  readonly tenant?: readonly string[] | undefined;
  /** Serves a fleet: tenants are `ControlPlane` objects. */
  readonly fleet?: boolean | undefined;
  /** Parent domain of the host names of a fleet's tenants. */
  readonly domain?: string | undefined;
  /** CIDR: addresses, in addition to the internet's, that tenants of a fleet may make this process call. */
  readonly allowAddresses?: readonly string[] | undefined;
  readonly controllers: readonly string[];
  /** Flags of kube-apiserver. */
  readonly serverArguments: readonly string[];
}

const tenantsOf = ({ tenant = [] }: StartOptions): string[] =>
  tenant.length > 0 ? [...new Set(tenant)] : ['default'];

/** Runs until a signal ends it. */
export async function start(options: StartOptions): Promise<void> {
  const { errors, serverOptions, listenerFlags, ignored } = readStart(options);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const logger = localLogger(serverOptions);
  const warning = withoutEffect(ignored);
  if (warning !== undefined) logger.warning(warning);
  const elsewhere = externalControllers(options.controllers);
  if (elsewhere.length > 0) {
    logger.warning(
      `--controllers: ${elsewhere.join(', ')} need a kube-controller-manager beside this server`,
    );
  }
  if (options.fleet) {
    const { startFleet } = await import('./fleet/start-fleet.ts');
    return startFleet(options, { serverOptions, listenerFlags, logger });
  }
  const startedAt = performance.now();
  const dataDir = resolve(options.dataDir);
  const tenants = tenantsOf(options);
  ensureDataFolder(dataDir);
  const dataFile = options.inMemory ? undefined : join(dataDir, 'dynamodb.sqlite');
  const lock = () => lockFolder(dataDir);
  const dynamodb = await startEmbeddedDynamoDB({ dataFile, lock, logger });
  const memory = localStorageMemory();
  const planes: LocalControlPlane[] = [];
  for (const tenant of tenants) {
    const tableUsage = new TableUsageCounter();
    planes.push(
      await startControlPlane({
        tenant,
        folder: join(dataDir, 'pki', tenant),
        table: dynamodb.openTable(`zeroplane-${tenant}`, tableUsage),
        isAlone: dynamodb.isOwn,
        memory,
        serverOptions: advertised(serverOptions, options),
        controllers: options.controllers,
        logger: tenants.length > 1 ? logger.with({ tenant }) : logger,
        tableUsage,
      }),
    );
  }
  const [first, ...others] = planes as [LocalControlPlane, ...LocalControlPlane[]];
  const server = await startHttpsServer({
    logger,
    handler: tenantRouter(first.handler, new Map(others.map(({ tenant, handler }) => [tenant, handler]))),
    address: options.bindAddress,
    port: options.securePort,
    certificate: first.pki.server.certificate,
    key: first.pki.server.key,
    flags: listenerFlags,
  });
  const url = addressOf(options, server.port);
  const kubeconfigs = planes.map((plane, i) => {
    const path = (i === 0 && options.writeKubeconfig) || join(dataDir, `${plane.tenant}.kubeconfig`);
    writeKubeconfig(resolve(path), {
      name: plane.tenant === 'default' ? 'zeroplane' : `zeroplane-${plane.tenant}`,
      server: `${url}${tenantPath(plane.tenant, i === 0)}`,
      certificateAuthority: first.pki.trusted,
      clientCertificate: plane.pki.admin.certificate,
      clientKey: plane.pki.admin.key,
    });
    return resolve(path);
  });
  console.log(readyLine(startedAt, url, dynamodb));
  for (const path of kubeconfigs) console.log(`  export KUBECONFIG=${shellWord(path)}`);
  await terminationSignalWhile(dynamodb);
  for (const plane of planes) plane.drain();
  await server.close(GRACE_MS);
  await Promise.all(planes.map((plane) => plane.close()));
  await dynamodb.stop();
}

export function addressOf({ bindAddress }: StartOptions, port: number): string {
  return `https://${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${port}`;
}

/**
 * Options for the address at which clients in a cluster reach the API: it is in the `kubernetes` Service's endpoints.
 */
export function advertised(
  serverOptions: Partial<ServerRunOptions>,
  { bindAddress, securePort }: StartOptions,
): Partial<ServerRunOptions> {
  return {
    advertiseAddress: advertisedAddress(bindAddress),
    ...(securePort > 0 && { advertisePort: securePort }),
    ...serverOptions,
  };
}

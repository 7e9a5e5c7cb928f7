/** `zeroplane start`: the embedded DynamoDB, a control plane per tenant, one listener. */

import { join, resolve } from 'node:path';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { flagsOfArguments, parseOptions } from '../../shared/server/options/parse-options.ts';
import { TableUsageCounter } from '../../shared/storage/table-usage.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type LocalControlPlane, startControlPlane } from './control-plane.ts';
import { ensureDataFolder } from './dynamodb/data-folder.ts';
import { startEmbeddedDynamoDB } from './dynamodb/embedded-dynamodb.ts';
import { lockFolder } from './dynamodb/folder-lock.ts';
import { tenantPath, tenantRouter } from './fleet/tenants.ts';
import { GRACE_MS, startHttpsServer } from './http/https-server.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { localLogger } from './logger.ts';
import { effectiveFlags, withoutEffect } from './serving-flags.ts';
import { shellWord } from './shell-word.ts';
import { signalledWhile } from './signalled.ts';

export interface StartOptions {
  readonly dataDir: string;
  readonly inMemory: boolean;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly writeKubeconfig?: string | undefined;
  readonly tenant?: readonly string[] | undefined;
  /** Serve a fleet: tenants are `ControlPlane` objects. */
  readonly fleet?: boolean | undefined;
  /** Below which each tenant of a fleet has a host name. */
  readonly domain?: string | undefined;
  /** CIDR: addresses beside those of the internet that tenants of a fleet may make this process call. */
  readonly allowAddresses?: readonly string[] | undefined;
  readonly controllers: readonly string[];
  /** Flags of kube-apiserver. */
  readonly serverArguments: readonly string[];
}

const TENANT_NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

function tenantsOf({ tenant = [] }: StartOptions): string[] {
  const names = tenant.length > 0 ? [...new Set(tenant)] : ['default'];
  for (const name of names) {
    if (!TENANT_NAME.test(name)) {
      throw new Error(
        `invalid tenant name ${JSON.stringify(name)}: lower-case letters, digits and '-', at most 40`,
      );
    }
  }
  return names;
}

/** Runs until a signal ends it. */
export async function start(options: StartOptions): Promise<void> {
  if (options.fleet) {
    const { startFleet } = await import('./fleet/start-fleet.ts');
    return startFleet(options);
  }
  const startedAt = performance.now();
  const dataDir = resolve(options.dataDir);
  const tenants = tenantsOf(options);
  checkPort(options);
  const { serverOptions, logger } = optionsOf(options);
  ensureDataFolder(dataDir);
  const dataFile = options.inMemory ? undefined : join(dataDir, 'dynamodb.sqlite');
  const lock = () => lockFolder(dataDir);
  const dynamodb = await startEmbeddedDynamoDB({ dataFile, lock, logger });
  const planes: LocalControlPlane[] = [];
  for (const tenant of tenants) {
    const tableUsage = new TableUsageCounter();
    planes.push(
      await startControlPlane({
        tenant,
        folder: join(dataDir, 'pki', tenant),
        table: dynamodb.openTable(`zeroplane-${tenant}`, tableUsage),
        isAlone: dynamodb.isOwn,
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
  console.log(`zeroplane ready in ${Math.round(performance.now() - startedAt)} ms at ${url}`);
  for (const path of kubeconfigs) console.log(`  export KUBECONFIG=${shellWord(path)}`);
  await signalledWhile(dynamodb);
  for (const plane of planes) plane.drain();
  await server.close(GRACE_MS);
  await Promise.all(planes.map((plane) => plane.close()));
  await dynamodb.stop();
}

/** The server's own options, and the log they ask for, which hears of flags that change nothing. Throws Error. */
export function optionsOf({ serverArguments }: StartOptions): {
  readonly serverOptions: Partial<ServerRunOptions>;
  readonly logger: Logger;
} {
  const { server, ignored } = effectiveFlags(flagsOfArguments(serverArguments));
  const serverOptions = parseOptions(server);
  const logger = localLogger(serverOptions);
  const warning = withoutEffect(ignored);
  if (warning !== undefined) logger.warning(warning);
  return { serverOptions, logger };
}

export function checkPort({ securePort }: StartOptions): void {
  if (!(securePort >= 0 && securePort <= 65_535)) {
    throw new Error(`invalid --secure-port: must be between 0 and 65535`);
  }
}

export function addressOf({ bindAddress }: StartOptions, port: number): string {
  return `https://${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${port}`;
}

/** Clients inside a cluster would reach the API under this address: the `kubernetes` Service's endpoints hold it. */
export function advertised(
  serverOptions: Partial<ServerRunOptions>,
  { bindAddress, securePort }: StartOptions,
): Partial<ServerRunOptions> {
  return {
    advertiseAddress: bindAddress,
    ...(securePort > 0 && { advertisePort: securePort }),
    ...serverOptions,
  };
}

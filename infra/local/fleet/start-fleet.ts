/**
 * `zeroplane start --fleet`: a management plane, and a tenant for each of its `ControlPlane` objects, in one process.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fleetIAM } from '../../../functions/adapter/tenant-plane.ts';
import { MANAGEMENT_PLANE } from '../../../shared/fleet/control-plane.ts';
import { CONTROL_PLANE_ADMISSION } from '../../../shared/fleet/control-plane-admission.ts';
import { defineControlPlanes } from '../../../shared/fleet/define-control-planes.ts';
import { FleetMeter } from '../../../shared/fleet/fleet-meter.ts';
import { fleetRouter } from '../../../shared/fleet/fleet-router.ts';
import { LifeCycleController } from '../../../shared/fleet/life-cycle-controller.ts';
import { publishUsage } from '../../../shared/fleet/publish-usage.ts';
import { TenantDirectory } from '../../../shared/fleet/tenant-directory.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import type { TenantUsage } from '../../../shared/fleet/tenant-usage.ts';
import { UsageRows } from '../../../shared/fleet/usage-rows.ts';
import type { ApiHandler } from '../../../shared/request/api-request.ts';
import { loadConfigFile } from '../../../shared/server/options/config-files.ts';
import type { ServerRunOptions } from '../../../shared/server/options/options.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { TableUsageCounter } from '../../../shared/storage/table-usage.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { issueCertificate, type KeyPair } from '../../../shared/util/issue-certificate.ts';
import { type Logger, VERBOSITY } from '../../../shared/util/logger.ts';
import { readLocalFile } from '../../../shared/util/read-file.ts';
import { startControlPlane } from '../control-plane.ts';
import { ensureDataFolder } from '../dynamodb/data-folder.ts';
import { startEmbeddedDynamoDB } from '../dynamodb/embedded-dynamodb.ts';
import { lockFolder } from '../dynamodb/folder-lock.ts';
import { GRACE_MS, startHttpsServer } from '../http/https-server.ts';
import { ensurePKI, isComplete, type PKI, SERVER_HOSTS } from '../keys/pki.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import type { ListenerFlags } from '../listener-flags.ts';
import { readyLine } from '../ready-line.ts';
import { shellWord } from '../shell-word.ts';
import { addressOf, advertised, type StartOptions } from '../start.ts';
import { terminationSignalWhile } from '../termination-signal.ts';
import { FleetHost } from './fleet-host.ts';

/** Also part of file names. */
const FLEET = MANAGEMENT_PLANE;
const TABLE = `zeroplane-${FLEET}`;
const SWEEP_MS = 10_000;
const TENANT_KEY_BYTES = 32;

interface StartedBy {
  /** Of the management plane. */
  readonly serverOptions: Partial<ServerRunOptions>;
  readonly listenerFlags: Partial<ListenerFlags>;
  readonly logger: Logger;
}

/** Runs until a signal ends it. */
export async function startFleet(
  options: StartOptions,
  { serverOptions, listenerFlags, logger }: StartedBy,
): Promise<void> {
  const startedAt = performance.now();
  const dataDir = resolve(options.dataDir);
  const addresses = publicAddresses(options.allowAddresses);
  const tableUsage = new TableUsageCounter();
  ensureDataFolder(dataDir);
  const dataFile = options.inMemory ? undefined : join(dataDir, 'dynamodb.sqlite');
  const lock = () => lockFolder(dataDir);
  const dynamodb = await startEmbeddedDynamoDB({ dataFile, lock, logger });
  const openTable = (name: string) => dynamodb.openTable(name, tableUsage);
  const table = openTable(TABLE);
  await table.create();
  const folder = join(dataDir, 'pki', FLEET);
  const tenantKey = ensureTenantKey(folder);
  const pki = await ensurePKI(folder);
  const domain = options.domain?.toLowerCase();
  let address = '';
  const directory = new TenantDirectory(table);
  const rows = new UsageRows(table);
  const report = (tenant: string, usage: TenantUsage, seconds: number) =>
    logger.info(VERBOSITY.requests, 'usage', { tenant, seconds, ...usage });
  const meter = new FleetMeter({ rows, report, logger });
  const host = new FleetHost({
    usage: meter.usage,
    openTable,
    tableName: TABLE,
    isAlone: dynamodb.isOwn,
    directory,
    addresses,
    cipher: new ExtendedNonceCipher(tenantKey),
    certificateAuthority: pki.trusted,
    controllers: options.controllers,
    iam: fleetIAM(serverOptions),
    endpointOf: (name) =>
      domain === undefined
        ? `${address}/tenants/${name}`
        : `https://${name}.${domain}:${new URL(address).port}`,
    logger,
    tableUsage,
    tracingConfiguration: await loadConfigFile(
      'tracingConfigFile',
      serverOptions.tracingConfigFile ?? '',
      readLocalFile,
    ),
  });
  // The management plane needs the address for its first work, which is known only once the listener is open.
  let isThere: (handler: ApiHandler) => void = () => undefined;
  const management = new Promise<ApiHandler>((resolve) => {
    isThere = resolve;
  });
  const server = await startHttpsServer({
    logger,
    handler: fleetRouter({
      directory,
      runtime: host.runtime,
      absentTenants: host.absentTenants,
      traffic: new TenantTraffic({ usage: meter.usage }),
      management: async (request) => (await management)(request),
      domain,
      logger,
    }),
    address: options.bindAddress,
    port: options.securePort,
    ...(await servingCertificate(pki, domain)),
    flags: listenerFlags,
  });
  address = addressOf(options, server.port);
  const plane = await startControlPlane({
    tenant: FLEET,
    folder,
    table: new TenantTable(table, FLEET),
    isAlone: dynamodb.isOwn,
    serverOptions: advertised(serverOptions, { ...options, securePort: server.port }),
    controllers: options.controllers,
    moreControllers: ({ resources }) => [
      new LifeCycleController({ resources, directory, host, usage: rows }),
    ],
    admissionPlugins: CONTROL_PLANE_ADMISSION,
    prepare: defineControlPlanes,
    logger: logger.with({ tenant: FLEET }),
    tableUsage,
  }).catch(async (error: unknown) => {
    // An open listener would keep alive a process that serves nothing.
    await server.close(0);
    throw error;
  });
  isThere(plane.handler);
  const kubeconfig = resolve(options.writeKubeconfig ?? join(dataDir, `${FLEET}.kubeconfig`));
  writeKubeconfig(kubeconfig, {
    name: `zeroplane-${FLEET}`,
    server: address,
    certificateAuthority: pki.trusted,
    clientCertificate: plane.pki.admin.certificate,
    clientKey: plane.pki.admin.key,
  });
  console.log(readyLine(startedAt, address, dynamodb));
  console.log(`  export KUBECONFIG=${shellWord(kubeconfig)}`);
  const account = async (): Promise<void> => {
    await meter.flush();
    await publishUsage(table, async () => plane.resources, directory);
  };
  const sweeping = setInterval(() => {
    host.sweep();
    account().catch((error: unknown) => logger.error("tenants' usage can't be reported", error));
  }, SWEEP_MS);
  await terminationSignalWhile(dynamodb);
  clearInterval(sweeping);
  await meter.flush({ atOnce: true });
  plane.drain();
  host.runtime.drain();
  await server.close(GRACE_MS);
  await plane.close();
  await host.close();
  table.close();
  await dynamodb.stop();
}

/**
 * The key that encrypts tenants' keys, created at the first start. Readable by the owner only. Throws Error with advice
 * if it is lost or damaged later.
 */
function ensureTenantKey(folder: string): Uint8Array {
  const path = join(folder, 'tenant-keys.key');
  let key = existsSync(path) ? readFileSync(path) : undefined;
  if (key?.length === TENANT_KEY_BYTES) return key;
  if (!isComplete(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    key = randomBytes(TENANT_KEY_BYTES);
    writeFileSync(path, key, { mode: 0o600 });
    return key;
  }
  throw new Error(
    `${path} is ${key === undefined ? 'lost' : 'damaged'}: restore it; the keys of all tenants are encrypted with it`,
  );
}

/** A certificate of the management plane's CA, also for the tenants' host names. */
async function servingCertificate({ ca, chain }: PKI, domain: string | undefined): Promise<KeyPair> {
  const hosts = [...SERVER_HOSTS, ...(domain === undefined ? [] : [domain, `*.${domain}`])];
  const { certificate, key } = await issueCertificate(
    { name: 'CN=kube-apiserver', usage: 'server', hosts },
    ca,
  );
  return { certificate: `${certificate}${chain}`, key };
}

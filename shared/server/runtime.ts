/** Runtime environment of the servers of a control plane: storage, connections between servers, logging and metrics. */

import type { GetProxyClientCertificate } from '../aggregator/remote-server.ts';
import { WatchTermination } from '../endpoints/filters/watch-termination.ts';
import { ChainLoopbackClient } from '../endpoints/routing/chain-loopback-client.ts';
import type { ReloadMetrics } from '../metrics/reload-metrics.ts';
import { StorageResourceAccess } from '../registry/generic/storage-resource-access.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { type ResolveService, serviceResolver } from '../rest/service-resolver.ts';
import type { StorageFactory } from '../storage/storage.ts';
import { traceStorage } from '../storage/traced-storage.ts';
import { wrapStorages } from '../storage/wrap-storages.ts';
import { type AddressGuard, ANY_ADDRESS } from '../util/address-guard.ts';
import { type Logger, VERBOSITY } from '../util/logger.ts';
import { type ReadFile, readLocalFile } from '../util/read-file.ts';
import { type ReadFolder, readLocalFolder } from '../util/read-folder.ts';
import type { Audit, AuditParts } from './audit/audit.ts';
import type { Encryption } from './encryption.ts';
import type { ServerDependencies } from './generic-config.ts';
import type { HostKeys } from './host-keys.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { type ConfigFiles, type FileParts, loadConfigFiles } from './options/config-files.ts';
import { readOptionFile } from './options/option-files.ts';
import { ServerDirectory } from './server-directory.ts';
import { type ServerMetrics, serverMetrics } from './server-metrics.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface Runtime {
  readonly options: CompletedOptions;
  readonly storageFactory: StorageFactory;
  readonly encryption: Encryption;
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
  readonly reloads: ReloadMetrics;
  readonly audit: Audit | undefined;
  /** If absent, requests aren't traced. */
  readonly tracing: Tracing | undefined;
  readonly watchTermination: WatchTermination;
  /** The servers' own access to the API. Available once they are connected. */
  readonly resources: ResourceAccess;
  readonly directory: ServerDirectory;
  readonly readFile: ReadFile;
  /** Reads folders, if files come from this machine. */
  readonly readFolder: ReadFolder | undefined;
  /** Parsed files that options name. */
  readonly files: ConfigFiles;
  readonly keys: HostKeys | undefined;
  /** Resolves Services that webhooks and APIServices refer to. */
  readonly resolveService: ResolveService;
  /** Restricts the addresses that objects and flags may make this server call. */
  readonly addresses: AddressGuard;
  /** The client certificate for remote API servers. */
  readonly proxyClient: GetProxyClientCertificate | undefined;
}

/** Limits the history that the host's store serves to that of upstream's compaction. */
function boundHistory(
  { etcdCompactionIntervalSeconds }: CompletedOptions,
  factory: StorageFactory,
): StorageFactory {
  if (etcdCompactionIntervalSeconds === 0) return factory;
  const historyMs = etcdCompactionIntervalSeconds * 1000;
  return wrapStorages(factory, (config) => factory.storageFor({ ...config, historyMs }));
}

/** Rejects with an Error that names a file that can't be read or is invalid. */
export async function buildRuntime(
  options: CompletedOptions,
  dependencies: ServerDependencies,
): Promise<Runtime> {
  const { logger, readFile = readLocalFile, keys, addresses = ANY_ADDRESS } = dependencies;
  const files = await loadConfigFiles(options, readFile);
  const metrics = serverMetrics(options, {
    ...dependencies,
    allowedLabels: files.allowMetricLabelsManifest ?? options.allowMetricLabels,
    storageFactory: boundHistory(options, dependencies.storageFactory),
  });
  const directory = new ServerDirectory();
  const resources = new StorageResourceAccess(
    new ChainLoopbackClient((context) => directory.servers.handler(context)),
    (resource) => directory.servers.storageOf(resource),
  );
  const flushEachRequest = dependencies.frozenBetweenRequests ?? false;
  const tracing = await tracingOf(files, dependencies);
  const logsCalls = tracing !== undefined || logger.verbosity >= VERBOSITY.storage;
  return {
    options,
    storageFactory: logsCalls
      ? traceStorage(metrics.storageFactory, logger, dependencies.tableUsage)
      : metrics.storageFactory,
    encryption: await encryptionOf(
      options,
      { files, readFile, logger, reloads: metrics.reloads },
      dependencies,
    ),
    logger,
    metrics,
    reloads: metrics.reloads,
    audit: await auditOf(options, files, {
      ...{ logger, addresses, flushEachRequest },
      metrics: metrics.audit,
      annotations: dependencies.auditAnnotations,
      memory: dependencies.auditMemory,
    }),
    tracing,
    watchTermination: new WatchTermination(),
    resources,
    directory,
    readFile,
    readFolder: readFile === readLocalFile ? readLocalFolder : undefined,
    files,
    keys,
    resolveService: serviceResolver(resources, options.serviceEndpoints),
    addresses,
    proxyClient: proxyClient(options, readFile) ?? keys?.proxyClient,
  };
}

/** Loaded only for servers with a policy. */
async function auditOf(
  options: CompletedOptions,
  files: ConfigFiles,
  parts: AuditParts,
): Promise<Audit | undefined> {
  if (files.auditPolicyFile === undefined) return undefined;
  return (await import('./audit/audit.ts')).buildAudit(options, files, parts);
}

async function tracingOf(files: ConfigFiles, dependencies: ServerDependencies): Promise<Tracing | undefined> {
  const { logger, traceResource: resource = {}, frozenBetweenRequests = false } = dependencies;
  const configuration = dependencies.tracingConfiguration ?? files.tracingConfigFile;
  if (configuration === undefined) return undefined;
  const { buildTracing } = await import('./tracing/tracing.ts');
  // The host's traces are also those of other control planes, whose privileged users could falsify them.
  const trustsClients = dependencies.tracingConfiguration === undefined;
  const handling = { flushEachRequest: frozenBetweenRequests, trustsClients };
  return buildTracing({ configuration, resource, logger }, handling);
}

async function encryptionOf(
  options: CompletedOptions,
  parts: FileParts,
  { newKeyService }: ServerDependencies,
): Promise<Encryption> {
  if (options.encryptionProviderConfig === '') return { transformerFor: () => undefined, healthChecks: [] };
  return (await import('./encryption.ts')).buildEncryption(options, parts, newKeyService);
}

function proxyClient({ proxyClientCertFile, proxyClientKeyFile }: CompletedOptions, readFile: ReadFile) {
  const certificate = readOptionFile('proxy-client-cert-file', proxyClientCertFile, readFile);
  const key = readOptionFile('proxy-client-key-file', proxyClientKeyFile, readFile);
  return certificate === undefined || key === undefined ? undefined : async () => ({ certificate, key });
}

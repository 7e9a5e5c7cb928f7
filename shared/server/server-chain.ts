/** The servers of a control plane, one behind the other (upstream's `CreateServerChain`). */

import { createAggregatorServer } from '../aggregator/aggregator-server.ts';
import { localAPIServices } from '../aggregator/local-api-services.ts';
import { createAPIExtensionsServer, JoinedDiscovery } from '../apiextensions/apiextensions-server.ts';
import { builtinResources } from '../apis/resource-table.ts';
import { JWKS_PATH, OPENID_CONFIGURATION_PATH } from '../authn/serviceaccount/openid-metadata.ts';
import { createKubeAPIServer } from '../controlplane/kube-api-server.ts';
import { type DiscoverySource, InstalledGroupsDiscovery } from '../endpoints/discovery/discovery-source.ts';
import { type HealthChecker, installHealthz, pingHealthz } from '../endpoints/healthz/healthz.ts';
import { serveMetrics } from '../endpoints/metrics/serve-metrics.ts';
import { notFound } from '../endpoints/routing/api-director.ts';
import type { ScopeDependencies } from '../endpoints/routing/api-groups.ts';
import { chain } from '../endpoints/routing/handler.ts';
import { serveIndex } from '../endpoints/routing/index-page.ts';
import { installOpenIDMetadata } from '../endpoints/routing/openid-metadata.ts';
import { PathMux } from '../endpoints/routing/path-mux.ts';
import { ServingContext } from '../endpoints/routing/serving-context.ts';
import { serveVersion } from '../endpoints/routing/version.ts';
import type { RESTStorageConfig } from '../registry/generic/rest-storage-provider.ts';
import { groupProviders } from '../registry/group-providers.ts';
import type { ApiHandler } from '../request/api-request.ts';
import { ANONYMOUS } from '../request/user-info.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { formatGroupVersion, type GroupVersionResource } from '../runtime/group-version.ts';
import type { CompletedOptions } from './completed-options.ts';
import type { ServerControllers } from './controllers.ts';
import { ensureSteps } from './ensure-steps.ts';
import { featureEnabled } from './feature-gates.ts';
import type { GenericConfig } from './generic-config.ts';
import { handlerChain } from './handler-chain.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Runtime } from './runtime.ts';

/** A control plane that answers requests. */
export interface Server {
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  /** Everything that is served, whichever server of the chain has it. */
  readonly discovery: DiscoverySource;
  /** New controllers, loaded for a host that runs them. Rejects for files of options that can't be used. */
  newControllers(): Promise<ServerControllers>;
  /** Resolves when what a cluster is born with is there; from then on `/readyz` is well. May be called again. */
  ready(): Promise<void>;
  /** From now on `/readyz` fails, and watches end: who balances load, and who watched, look elsewhere. Other requests go on. */
  drain(): void;
  /** Drains, and lets go of what the server holds; the storage factory is its maker's to close. */
  close(): Promise<void>;
}

export function createServerChain(config: GenericConfig): Server {
  const { runtime, identity, apis } = config;
  const { options, resources, resolveService, addresses, logger } = runtime;
  const scope: ScopeDependencies = {
    ...apis,
    authorizer: identity.authorizer,
    minRequestTimeoutSeconds: options.minRequestTimeoutSeconds,
    serverSideApply: options.enableServerSideApply,
  };
  const storage = storageConfig(config);
  const apiExtensionsServer = createAPIExtensionsServer({
    scope,
    storage,
    resolveService,
    addresses,
    logger,
    delegate: notFound,
  });
  const kubeAPIServer = createKubeAPIServer({
    scope,
    storage,
    providers: groupProviders(),
    delegate: apiExtensionsServer.handler,
  });
  const aggregator = createAggregatorServer({
    scope,
    storage,
    sources: [kubeAPIServer.discovery, apiExtensionsServer.discovery],
    openAPISources: [kubeAPIServer.openAPI, apiExtensionsServer.openAPI],
    openAPIPaths: [
      'api',
      'apis',
      'version',
      ...(identity.openIDMetadata ? [OPENID_CONFIGURATION_PATH, JWKS_PATH].map((path) => path.slice(1)) : []),
    ],
    isLocalGroup: (group) => kubeAPIServer.groups.has(group) || apiExtensionsServer.groups.has(group),
    resolveService,
    addresses,
    logger,
    proxyClient: runtime.proxyClient,
    serverAddress: `${options.advertiseAddress || '127.0.0.1'}:${options.advertisePort}`,
    delegate: kubeAPIServer.handler,
  });
  const lifecycle = new Lifecycle(resources, [
    ...ensureSteps(config),
    localAPIServices([kubeAPIServer.discovery, apiExtensionsServer.installed]),
  ]);
  const mux = genericRoutes(runtime, lifecycle);
  mux.handle('/metrics', serveMetrics(runtime.metrics.registry));
  mux.handle(
    '/',
    serveIndex(() => indexPaths(mux, aggregator.discovery)),
  );
  installOpenIDMetadata(mux, identity.openIDMetadata);
  const handle = chain(handlerChain(config), (context) =>
    (mux.find(context.requestInfo.path) ?? aggregator.handler)(context),
  );
  runtime.directory.connect({
    handler: handle,
    discovery: aggregator.discovery,
    customType: (kind) => apiExtensionsServer.typeOf(kind),
    storageOf: (resource) =>
      kubeAPIServer.groups.storageOf(resource) ??
      aggregator.groups.storageOf(resource) ??
      apiExtensionsServer.storageOf(resource),
  });
  return {
    handler: (request) => handle(new ServingContext(request, { user: ANONYMOUS })),
    resources,
    discovery: aggregator.discovery,
    newControllers: async () =>
      (await import('./controllers.ts')).newControllers({
        config,
        discovery: aggregator.discovery,
        remotes: aggregator.remotes,
        definitions: apiExtensionsServer.reconciler,
        custom: apiExtensionsServer.custom,
        builtIn: new JoinedDiscovery([
          kubeAPIServer.discovery,
          apiExtensionsServer.installed,
          new InstalledGroupsDiscovery(aggregator.groups),
        ]),
      }),
    ready: () => lifecycle.ready(),
    drain: () => {
      lifecycle.drain();
      runtime.watchTermination.terminate();
    },
    close: async () => {
      runtime.watchTermination.terminate();
      aggregator.remotes.close();
      await apis.admission.close();
      await runtime.audit?.backend.close();
    },
  };
}

/** Whether the feature gate that a resource is served with, if there is one, is on. */
function hasItsGate(gvr: GroupVersionResource, options: CompletedOptions): boolean {
  const { gate } = builtinResources().get(formatGroupVersion(gvr))?.resources[gvr.resource] ?? {};
  return gate === undefined || featureEnabled(options, gate);
}

function storageConfig({ runtime, identity, apis }: GenericConfig): RESTStorageConfig {
  const { storageFactory, encryption, resources, options } = runtime;
  const { authorizer, ruleResolver, tokenAuthenticator, tokenGenerator } = identity;
  return {
    scheme: apis.scheme,
    storageFactory,
    resources,
    authorizer,
    ruleResolver,
    transformerFor: encryption.transformerFor,
    tokenAuthenticator,
    tokenGenerator,
    isResourceServed: (gvr) => apis.resourceConfig.resourceEnabled(gvr) && hasItsGate(gvr, options),
    options: {
      ...options,
      serviceAccountIssuer: options.serviceAccountIssuer[0]!,
      serviceAccountMaxTokenExpiration: options.serviceAccountMaxTokenExpirationSeconds,
    },
  };
}

async function indexPaths(mux: PathMux, discovery: DiscoverySource): Promise<string[]> {
  const groups = await discovery.groups();
  const paths = groups.flatMap(({ name, versions }) => {
    const root = name === '' ? '/api' : `/apis/${name}`;
    return [root, ...versions.map(({ version }) => `${root}/${version}`)];
  });
  return ['/apis', ...paths, ...mux.paths()];
}

function genericRoutes({ storageFactory, logger, encryption }: Runtime, lifecycle: Lifecycle): PathMux {
  const mux = new PathMux();
  const etcd: HealthChecker = { name: 'etcd', check: () => storageFactory.ready() };
  const live = [pingHealthz, { name: 'log', check: async () => {} }, etcd, ...lifecycle.checks()];
  const etcdReadiness: HealthChecker = { ...etcd, name: 'etcd-readiness' };
  const ready = [...live, ...encryption.healthChecks];
  installHealthz(mux, '/healthz', ready, logger);
  installHealthz(mux, '/livez', live, logger);
  installHealthz(mux, '/readyz', [...ready, etcdReadiness, lifecycle.shutdown], logger);
  mux.handle('/version', serveVersion);
  mux.handle('/version/', serveVersion);
  return mux;
}

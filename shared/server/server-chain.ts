/** The servers of a control plane, in a delegation chain (upstream's `CreateServerChain`). */

import { type AggregatorServer, createAggregatorServer } from '../aggregator/aggregator-server.ts';
import { localAPIServices } from '../aggregator/local-api-services.ts';
import {
  type APIExtensionsServer,
  createAPIExtensionsServer,
  JoinedDiscovery,
} from '../apiextensions/apiextensions-server.ts';
import { JWKS_PATH, OPENID_CONFIGURATION_PATH } from '../authn/serviceaccount/openid-metadata.ts';
import { createKubeAPIServer, type KubeAPIServer } from '../controlplane/kube-api-server.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { notFound } from '../endpoints/routing/api-director.ts';
import { chain, type RequestHandler } from '../endpoints/routing/handler.ts';
import type { PathMux } from '../endpoints/routing/path-mux.ts';
import { prefetchAnswer } from '../endpoints/routing/prefetch-answer.ts';
import type { Prefetch } from '../endpoints/routing/read-ahead.ts';
import { ServingContext } from '../endpoints/routing/serving-context.ts';
import type { MetricsRegistry } from '../metrics/metrics-registry.ts';
import { groupProviders } from '../registry/group-providers.ts';
import type { ApiHandler } from '../request/api-request.ts';
import { ANONYMOUS } from '../request/user-info.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { once } from '../util/once.ts';
import type { ServerControllers } from './controllers.ts';
import { effectiveVersion } from './emulation/effective-version.ts';
import { ensureSteps } from './ensure-steps.ts';
import type { GenericConfig } from './generic-config.ts';
import { handlerChain } from './handler-chain.ts';
import { Lifecycle } from './lifecycle.ts';
import { scopeDependencies, storageConfig } from './server-dependencies.ts';

/** A control plane that handles requests. */
export interface Server {
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  /** The release presented to clients. */
  readonly minor: string;
  /** The registry of `/metrics`. */
  readonly metrics: MetricsRegistry;
  /** Everything that is served by any server of the chain. */
  readonly discovery: DiscoverySource;
  /** Creates controllers, whose code is loaded on demand. Rejects if an option's file is invalid. */
  newControllers(): Promise<ServerControllers>;
  /** Resolves when the bootstrap objects exist, from when on `/readyz` succeeds. May be called again. */
  ready(): Promise<void>;
  /** Marks the bootstrap objects as existing: another process, or another way, has created them. */
  bootstrapped(): void;
  /**
   * Makes `/readyz` fail and ends watches, so that load balancers and watchers move elsewhere. Other requests are still
   * handled.
   */
  drain(): void;
  /** Drains and releases all resources except the storage factory, which its creator closes. */
  close(): Promise<void>;
}

export function createServerChain(config: GenericConfig): Server {
  const { runtime, identity, apis } = config;
  const { options, resources, resolveService, addresses, logger } = runtime;
  const scope = scopeDependencies(config);
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
    ownSources: [kubeAPIServer.ownDiscovery, apiExtensionsServer.ownDiscovery],
    openAPISources: [kubeAPIServer.openAPI, apiExtensionsServer.openAPI],
    openAPIPaths: [
      'api',
      'apis',
      'version',
      ...(identity.openIDMetadata ? [OPENID_CONFIGURATION_PATH, JWKS_PATH].map((path) => path.slice(1)) : []),
    ],
    isLocalGroup: (group) => kubeAPIServer.groups.own.has(group) || apiExtensionsServer.groups.own.has(group),
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
  const handle = chain(
    handlerChain(config, newPrefetch({ kubeAPIServer, apiExtensionsServer, aggregator })),
    withGenericRoutes(config, lifecycle, aggregator),
  );
  runtime.directory.connect({
    handler: handle,
    discovery: aggregator.ownDiscovery,
    customType: (kind) => apiExtensionsServer.typeOf(kind),
    storageOf: (resource) =>
      kubeAPIServer.groups.own.storageOf(resource) ??
      aggregator.groups.own.storageOf(resource) ??
      apiExtensionsServer.storageOf(resource),
  });
  return {
    handler: (request) => handle(new ServingContext(request, { user: ANONYMOUS })),
    resources,
    minor: effectiveVersion(options).emulation,
    metrics: runtime.metrics.registry,
    discovery: aggregator.discovery,
    newControllers: async () =>
      (await import('./controllers.ts')).newControllers({
        config,
        discovery: aggregator.ownDiscovery,
        remotes: aggregator.remotes,
        remoteDiscovery: aggregator.remoteDiscovery,
        definitions: apiExtensionsServer.reconciler,
        custom: apiExtensionsServer.custom,
        builtIn: new JoinedDiscovery([
          kubeAPIServer.ownDiscovery,
          apiExtensionsServer.groups.ownDiscovery,
          aggregator.groups.ownDiscovery,
        ]),
      }),
    ready: () => lifecycle.ready(),
    bootstrapped: () => lifecycle.complete(),
    drain: () => {
      lifecycle.drain();
      runtime.watchTermination.terminate();
    },
    close: async () => {
      runtime.watchTermination.terminate();
      aggregator.remotes.close();
      await apis.admission.close();
      await runtime.audit?.close();
      await runtime.tracing?.tracer.close();
    },
  };
}

/** Paths of the API, which the aggregator serves. */
const API_PATH = /^\/(?:apis?|openapi)(?:\/|$)/;

/** Routes that describe the server itself are loaded on first request. */
function withGenericRoutes(
  config: GenericConfig,
  lifecycle: Lifecycle,
  aggregator: AggregatorServer,
): RequestHandler {
  const routes = once(async (): Promise<PathMux> => {
    const { genericRoutes } = await import('./generic-routes.ts');
    return genericRoutes(config, lifecycle, aggregator);
  });
  return async (context) => {
    const { path } = context.requestInfo;
    if (API_PATH.test(path)) return aggregator.handler(context);
    return ((await routes()).find(path) ?? aggregator.handler)(context);
  };
}

interface ChainedServers {
  readonly kubeAPIServer: KubeAPIServer;
  readonly apiExtensionsServer: APIExtensionsServer;
  readonly aggregator: AggregatorServer;
}

/**
 * Starts early reads: for built-in resources of the data for the answer (the object, the head of the log, admission's
 * data for a write); for others also of the definitions and APIServices that determine the server.
 */
function newPrefetch({ kubeAPIServer, apiExtensionsServer, aggregator }: ChainedServers): Prefetch {
  const servers = [kubeAPIServer, apiExtensionsServer, aggregator];
  return (context) => {
    const { requestInfo } = context;
    const installed = kubeAPIServer.groups.shown.find(requestInfo);
    if (installed !== undefined) {
      prefetchAnswer(context, installed);
    } else if (
      requestInfo.isResourceRequest &&
      !servers.some((server) => server.groups.own.has(requestInfo.apiGroup))
    ) {
      aggregator.remotes.prefetch(requestInfo);
      apiExtensionsServer.prefetch(requestInfo);
    }
  };
}

/** The servers of a control plane, one behind the other (upstream's `CreateServerChain`). */

import { createAggregatorServer } from '../aggregator/aggregator-server.ts';
import { systemNamespaces } from '../controlplane/ensure/system-namespaces.ts';
import type { EnsureStep } from '../controlplane/ensure-step.ts';
import { createKubeAPIServer } from '../controlplane/kube-api-server.ts';
import { minimalCoreStorage } from '../controlplane/minimal-core.ts';
import { notFound } from '../endpoints/api-director.ts';
import type { ScopeDependencies } from '../endpoints/api-groups.ts';
import { ChainLoopbackClient } from '../endpoints/chain-loopback-client.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { chain, type RequestHandler } from '../endpoints/handler.ts';
import { type HealthChecker, installHealthz, pingHealthz } from '../endpoints/healthz/healthz.ts';
import { PathMux } from '../endpoints/path-mux.ts';
import { ServingContext } from '../endpoints/serving-context.ts';
import { serveVersion } from '../endpoints/version.ts';
import type { RESTStorageConfig } from '../registry/generic/rest-storage-provider.ts';
import { StorageResourceAccess } from '../registry/generic/storage-resource-access.ts';
import { groupProviders } from '../registry/group-providers.ts';
import type { ApiHandler } from '../request/api-request.ts';
import { ANONYMOUS } from '../request/user-info.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { GenericConfig } from './generic-config.ts';
import { handlerChain } from './handler-chain.ts';

/** A control plane that answers requests. */
export interface Server {
  readonly handler: ApiHandler;
  readonly resources: ResourceAccess;
  /** Everything that is served, whichever server of the chain has it. */
  readonly discovery: DiscoverySource;
  /** Resolves when what a cluster is born with is there; from then on `/readyz` is well. May be called again. */
  ready(): Promise<void>;
  /** From now on `/readyz` fails: whoever balances load looks elsewhere. Running requests go on. */
  drain(): void;
  /** Lets go of what the server holds; the storage factory is its maker's to close. */
  close(): Promise<void>;
}

const ENSURE_STEPS: readonly EnsureStep[] = [systemNamespaces];

export function createServerChain(config: GenericConfig): Server {
  const scope: ScopeDependencies = {
    scheme: config.scheme,
    defaulter: config.defaulter,
    codecs: config.codecs,
    admission: config.admission,
    authorizer: config.authorizer,
    minRequestTimeoutSeconds: config.options.minRequestTimeoutSeconds,
    serverSideApply: config.options.enableServerSideApply,
  };
  let handle: RequestHandler = notFound;
  const resources = new StorageResourceAccess(new ChainLoopbackClient((context) => handle(context)));
  const kubeAPIServer = createKubeAPIServer({
    scope,
    storage: storageConfig(config, resources),
    providers: [minimalCoreStorage, ...groupProviders()],
    delegate: notFound,
  });
  resources.addFinder((resource) => kubeAPIServer.groups.storageOf(resource));
  const aggregator = createAggregatorServer({
    codecs: config.codecs,
    sources: [kubeAPIServer.discovery],
    serverAddress: `${config.options.advertiseAddress || '127.0.0.1'}:${config.options.advertisePort}`,
    delegate: kubeAPIServer.handler,
  });
  const lifecycle = new Lifecycle(resources, ENSURE_STEPS);
  const mux = genericRoutes(config, lifecycle);
  handle = chain(handlerChain(config), (context) =>
    (mux.find(context.requestInfo.path) ?? aggregator.handler)(context),
  );
  return {
    handler: (request) => handle(new ServingContext(request, { user: ANONYMOUS })),
    resources,
    discovery: aggregator.discovery,
    ready: () => lifecycle.ready(),
    drain: () => lifecycle.drain(),
    close: () => config.admission.close(),
  };
}

function storageConfig(config: GenericConfig, resources: ResourceAccess): RESTStorageConfig {
  const { scheme, storageFactory, authorizer, resourceConfig, options } = config;
  return {
    scheme,
    storageFactory,
    resources,
    authorizer,
    isResourceServed: (gvr) => resourceConfig.resourceEnabled(gvr),
    options: {
      ...options,
      serviceAccountIssuer: options.serviceAccountIssuer[0]!,
      serviceAccountMaxTokenExpiration: options.serviceAccountMaxTokenExpirationSeconds,
    },
  };
}

/** Runs what a cluster is born with, and knows how far it got. */
class Lifecycle {
  readonly #resources: ResourceAccess;
  readonly #steps: readonly EnsureStep[];
  readonly #done = new Set<string>();
  #running: Promise<void> | undefined;
  #draining = false;

  constructor(resources: ResourceAccess, steps: readonly EnsureStep[]) {
    this.#resources = resources;
    this.#steps = steps;
  }

  /** One run at a time; a failed one may be tried again. */
  ready(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  drain(): void {
    this.#draining = true;
  }

  async #run(): Promise<void> {
    for (const step of this.#steps) {
      if (this.#done.has(step.name)) continue;
      await step.run(this.#resources);
      this.#done.add(step.name);
    }
  }

  checks(): readonly HealthChecker[] {
    return this.#steps.map(({ name }) => ({
      name: `poststarthook/${name}`,
      check: async () => {
        if (!this.#done.has(name)) throw new Error('not finished');
      },
    }));
  }

  readonly shutdown: HealthChecker = {
    name: 'shutdown',
    check: async () => {
      if (this.#draining) throw new Error('process is shutting down');
    },
  };
}

function genericRoutes({ storageFactory, logError }: GenericConfig, lifecycle: Lifecycle): PathMux {
  const mux = new PathMux();
  const etcd: HealthChecker = { name: 'etcd', check: () => storageFactory.ready() };
  const live = [pingHealthz, { name: 'log', check: async () => {} }, etcd, ...lifecycle.checks()];
  const etcdReadiness: HealthChecker = { ...etcd, name: 'etcd-readiness' };
  installHealthz(mux, '/healthz', live, logError);
  installHealthz(mux, '/livez', live, logError);
  installHealthz(mux, '/readyz', [...live, etcdReadiness, lifecycle.shutdown], logError);
  mux.handle('/version', serveVersion);
  mux.handle('/version/', serveVersion);
  return mux;
}

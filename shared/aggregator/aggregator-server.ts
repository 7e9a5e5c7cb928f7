/** The first server of the chain: discovery of all groups, APIServices, and the proxy to the servers they refer to. */

import { plainText } from '../endpoints/codec/response-writers.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { RootDiscovery } from '../endpoints/discovery/root.ts';
import { BuiltinOpenAPISource } from '../endpoints/openapi/builtin-openapi-source.ts';
import { MergedOpenAPISource } from '../endpoints/openapi/merged-openapi-source.ts';
import type { OpenAPISource } from '../endpoints/openapi/openapi-model.ts';
import { OpenAPIService } from '../endpoints/openapi/openapi-service.ts';
import { OpenAPITexts } from '../endpoints/openapi/openapi-texts.ts';
import { installOpenAPI } from '../endpoints/openapi/serve-openapi.ts';
import { directRequests, groupOfPath } from '../endpoints/routing/api-director.ts';
import { type ScopeDependencies, shownScheme } from '../endpoints/routing/api-groups.ts';
import type { APIServer } from '../endpoints/routing/api-server.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import { PathMux } from '../endpoints/routing/path-mux.ts';
import { ServedGroups } from '../endpoints/routing/served-groups.ts';
import type { ServingContext } from '../endpoints/routing/serving-context.ts';
import type { RESTStorageConfig } from '../registry/generic/rest-storage-provider.ts';
import type { ApiResponse } from '../request/api-request.ts';
import type { ResolveService } from '../rest/service-resolver.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { Logger } from '../util/logger.ts';
import { isAvailable } from './available-condition.ts';
import { MergedDiscovery } from './merged-discovery.ts';
import { apiregistrationStorage } from './registry/rest-storage.ts';
import { RemoteDiscovery } from './remote-discovery.ts';
import { remoteGroup } from './remote-group.ts';
import { RemoteOpenAPISource } from './remote-openapi.ts';
import { type GetProxyClientCertificate, RemoteServerError } from './remote-server.ts';
import { RemoteServers } from './remote-servers.ts';

export interface AggregatorServerConfig {
  readonly scope: ScopeDependencies;
  readonly storage: RESTStorageConfig;
  /** Discovery of the chain's other servers. */
  readonly sources: readonly DiscoverySource[];
  /** The same, including resources not served to clients. */
  readonly ownSources: readonly DiscoverySource[];
  readonly openAPISources: readonly OpenAPISource[];
  /** Paths outside of groups that have OpenAPI documents, such as `version`. */
  readonly openAPIPaths: readonly string[];
  /** Groups that are always served here, regardless of APIServices. */
  readonly isLocalGroup: (group: string) => boolean;
  readonly resolveService: ResolveService;
  /** Remote servers that may be called. */
  readonly addresses: AddressGuard;
  /** Logs calls. */
  readonly logger: Logger;
  readonly proxyClient: GetProxyClientCertificate | undefined;
  /** `host:port`, for clients that request it. */
  readonly serverAddress: string;
  readonly delegate: RequestHandler;
}

export interface AggregatorServer extends APIServer {
  readonly groups: ServedGroups;
  /** Discovery of everything, for the server itself. */
  readonly ownDiscovery: DiscoverySource;
  readonly remotes: RemoteServers;
  readonly remoteDiscovery: DiscoverySource;
  /** Paths outside of groups. */
  readonly mux: PathMux;
}

export function createAggregatorServer(config: AggregatorServerConfig): AggregatorServer {
  const { scope, storage, sources, ownSources, serverAddress, isLocalGroup, delegate } = config;
  const groups = new ServedGroups(scope);
  groups.install(apiregistrationStorage.group, apiregistrationStorage.restStorage(storage));
  const remotes = new RemoteServers(storage.resources, {
    resolveService: config.resolveService,
    client: config.proxyClient,
    addresses: config.addresses,
    logger: config.logger,
  });
  const own = groups.discovery;
  const remoteDiscovery = new RemoteDiscovery(remotes);
  const discovery = new MergedDiscovery([own, ...sources, remoteDiscovery]);
  const ownDiscovery =
    scope.emulated === undefined
      ? discovery
      : new MergedDiscovery([groups.ownDiscovery, ...ownSources, remoteDiscovery]);
  const root = new RootDiscovery({ codecs: scope.codecs, source: discovery, serverAddress });
  const mux = new PathMux();
  for (const path of ['/api', '/api/']) mux.handleUnlisted(path, root.serveCore);
  for (const path of ['/apis', '/apis/']) mux.handle(path, root.serveGroups);
  const ownOpenAPI = new BuiltinOpenAPISource(scope, own, config.openAPIPaths);
  const openAPI = new MergedOpenAPISource([
    ownOpenAPI,
    ...config.openAPISources,
    new RemoteOpenAPISource(remotes),
  ]);
  installOpenAPI(mux, new OpenAPIService(openAPI, new OpenAPITexts(shownScheme(scope.emulated ?? scope))));
  const local = directRequests({ groups, mux, delegate });
  const handler: RequestHandler = async (context) => {
    const group = groupOfPath(context);
    if (group === undefined || group === '' || groups.own.has(group) || isLocalGroup(group)) {
      return local(context);
    }
    return (await serveRemote(context, { group, remotes, codecs: scope.codecs })) ?? local(context);
  };
  return { groups, remotes, remoteDiscovery, mux, handler, discovery, ownDiscovery };
}

/** Undefined: no APIService refers to another server for this path. */
async function serveRemote(
  context: ServingContext,
  { group, remotes, codecs }: { group: string; remotes: RemoteServers; codecs: ScopeDependencies['codecs'] },
): Promise<ApiResponse | undefined> {
  const version = context.requestInfo.path.split('/')[3] ?? '';
  if (version === '') return remoteGroup(context, codecs, { group, all: await remotes.all() });
  const remote = await remotes.find(`${version}.${group}`);
  if (remote === undefined) return undefined;
  if (!isAvailable(remote.apiService)) return plainText(503, 'service unavailable\n');
  try {
    return await remote.server.proxy(context);
  } catch (error) {
    if (!(error instanceof RemoteServerError)) throw error;
    return plainText(503, `error trying to reach service: ${error.message}\n`);
  }
}

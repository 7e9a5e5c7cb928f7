/** The second server of the chain: all built-in groups. */

import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { BuiltinOpenAPISource } from '../endpoints/openapi/builtin-openapi-source.ts';
import type { OpenAPISource } from '../endpoints/openapi/openapi-model.ts';
import { directRequests } from '../endpoints/routing/api-director.ts';
import type { ScopeDependencies } from '../endpoints/routing/api-groups.ts';
import type { APIServer } from '../endpoints/routing/api-server.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import { PathMux } from '../endpoints/routing/path-mux.ts';
import { ServedGroups } from '../endpoints/routing/served-groups.ts';
import type { RESTStorageConfig, RESTStorageProvider } from '../registry/generic/rest-storage-provider.ts';

export interface KubeAPIServerConfig {
  readonly scope: ScopeDependencies;
  readonly storage: RESTStorageConfig;
  readonly providers: readonly RESTStorageProvider[];
  readonly delegate: RequestHandler;
}

export interface KubeAPIServer extends APIServer {
  readonly groups: ServedGroups;
  /** Discovery including resources not served to clients. */
  readonly ownDiscovery: DiscoverySource;
  readonly openAPI: OpenAPISource;
}

export function createKubeAPIServer({
  scope,
  storage,
  providers,
  delegate,
}: KubeAPIServerConfig): KubeAPIServer {
  const groups = new ServedGroups(scope);
  for (const provider of providers) groups.install(provider.group, provider.restStorage(storage));
  const handler = directRequests({ groups, mux: new PathMux(), delegate });
  const { discovery, ownDiscovery } = groups;
  return { groups, handler, discovery, ownDiscovery, openAPI: new BuiltinOpenAPISource(scope, discovery) };
}

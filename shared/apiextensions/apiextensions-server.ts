/** The last server of the chain: serves CustomResourceDefinitions and custom resources. */

import type { DiscoverySource, GroupDiscovery } from '../endpoints/discovery/discovery-source.ts';
import { BuiltinOpenAPISource } from '../endpoints/openapi/builtin-openapi-source.ts';
import { MergedOpenAPISource } from '../endpoints/openapi/merged-openapi-source.ts';
import type { OpenAPISource } from '../endpoints/openapi/openapi-model.ts';
import { directRequests } from '../endpoints/routing/api-director.ts';
import { type ScopeDependencies, shownScheme } from '../endpoints/routing/api-groups.ts';
import type { APIServer } from '../endpoints/routing/api-server.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import { PathMux } from '../endpoints/routing/path-mux.ts';
import { OPERATIONS, READS_ALL } from '../endpoints/routing/prefetch-answer.ts';
import { ServedGroups } from '../endpoints/routing/served-groups.ts';
import type { RESTStorageConfig } from '../registry/generic/rest-storage-provider.ts';
import type { RequestInfo } from '../request/request-info.ts';
import type { RESTStorage } from '../rest/rest-storage.ts';
import type { ResolveService } from '../rest/service-resolver.ts';
import { WebhookClient } from '../rest/webhook-client.ts';
import { formatGroupVersion, type GroupResource, type GroupVersionKind } from '../runtime/group-version.ts';
import type { TypeSchema } from '../runtime/type-schema.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { Logger } from '../util/logger.ts';
import { DefinitionReconciler } from './controller/definition-reconciler.ts';
import { SchemaToolsLoader } from './definition/schema-tools.ts';
import { customResourcePrefix } from './registry/customresource/open-custom-resources.ts';
import {
  DEFINITIONS,
  definitionStorage,
  newDefinitionStore,
} from './registry/customresourcedefinition/rest-storage.ts';
import { customResourceHandler } from './serving/custom-resource-handler.ts';
import { DefinitionIndex } from './serving/definition-index.ts';
import { servesVersion } from './serving/definition-summary.ts';
import { CustomResourceDiscovery } from './serving/discovery.ts';
import { CustomResourceOpenAPI } from './serving/openapi-source.ts';

export interface APIExtensionsServerConfig {
  readonly scope: ScopeDependencies;
  readonly storage: RESTStorageConfig;
  /** Resolves the Services of conversion webhooks. */
  readonly resolveService: ResolveService;
  /** Restricts the addresses of webhooks. */
  readonly addresses: AddressGuard;
  readonly logger: Logger;
  readonly delegate: RequestHandler;
}

export interface APIExtensionsServer extends APIServer {
  /** The server's own group, which contains definitions. */
  readonly groups: ServedGroups;
  readonly installed: DiscoverySource;
  /** Discovery of everything it serves. */
  readonly ownDiscovery: DiscoverySource;
  /** Discovery of custom resources only. */
  readonly custom: CustomResourceDiscovery;
  readonly openAPI: OpenAPISource;
  readonly reconciler: DefinitionReconciler;
  readonly definitions: DefinitionIndex;
  /** The storage of a custom resource in its storage version, or of definitions. */
  storageOf(resource: GroupResource): Promise<RESTStorage | undefined>;
  /** Starts reading the data for a request for a custom resource. */
  prefetch(requestInfo: RequestInfo): void;
  /** The type of a custom resource; undefined if no definition serves the kind. */
  typeOf(kind: GroupVersionKind): Promise<TypeSchema | undefined>;
}

export function createAPIExtensionsServer(config: APIExtensionsServerConfig): APIExtensionsServer {
  const { scope, storage, delegate, logger } = config;
  const tools = new SchemaToolsLoader(scope.scheme.tables);
  const store = newDefinitionStore(
    storage,
    {
      tools,
      acceptedNames: async (group) =>
        (await index.summaries(0))
          .filter((summary) => summary.group === group)
          .map(({ acceptedNames }) => acceptedNames),
    },
    {
      afterWrite: (definition) => reconciler.afterWrite(definition),
      finalize: (definition) => reconciler.finalize(definition),
    },
  );
  const webhooks = new WebhookClient({
    resolveService: config.resolveService,
    addresses: config.addresses,
    logger,
  });
  const index = new DefinitionIndex(store, { scope, storage, tools, webhooks });
  const reconciler = new DefinitionReconciler({ store, index, tools });
  const groups = new ServedGroups(scope);
  const provider = definitionStorage(store);
  groups.install(provider.group, provider.restStorage(storage));
  const installed = groups.discovery;
  const discovery = new CustomResourceDiscovery(index);
  const handler = customResourceHandler({ index, discovery, codecs: scope.codecs, logger, delegate });
  return {
    handler: directRequests({ groups, mux: new PathMux(), delegate: handler }),
    discovery: new JoinedDiscovery([installed, discovery]),
    ownDiscovery: new JoinedDiscovery([groups.ownDiscovery, discovery]),
    groups,
    installed,
    custom: discovery,
    openAPI: new MergedOpenAPISource([
      new BuiltinOpenAPISource(scope, installed),
      new CustomResourceOpenAPI({ index, scheme: shownScheme(scope.emulated ?? scope), tools }),
    ]),
    reconciler,
    definitions: index,
    prefetch({ apiGroup: group, apiVersion: version, resource, subresource, namespace, verb }) {
      // The later read that needs the definition reports the failure.
      index.find(`${resource}.${group}`).catch(() => {});
      const operation = OPERATIONS[verb];
      if (operation !== undefined || READS_ALL.has(verb)) {
        const what = operation === undefined ? 'read' : 'write';
        storage.storageFactory.prefetch(customResourcePrefix({ group, resource }), what);
      }
      if (operation === undefined) return;
      const kind = { group, version, kind: '' };
      const written = { group, version, resource };
      scope.admission.prefetch?.({ operation, kind, resource: written, subresource, namespace });
    },
    async typeOf({ group, version, kind }) {
      const summaries = await index.summaries();
      const found = summaries.find(
        (summary) => summary.group === group && summary.acceptedNames.kind === kind,
      );
      if (found === undefined || !servesVersion(found, version)) return undefined;
      const compiled = await (await index.find(found.name))?.compile();
      return compiled?.schemas.types.type(formatGroupVersion({ group, version }));
    },
    async storageOf(resource) {
      if (resource.group === DEFINITIONS.group) return groups.own.storageOf(resource);
      const definition = await index.find(`${resource.resource}.${resource.group}`);
      if (definition === undefined || !definition.summary.established) return undefined;
      const compiled = await definition.compile();
      return (await compiled.version(compiled.storageVersion))?.store;
    },
  };
}

/** Joins sources that have no group in common. */
export class JoinedDiscovery implements DiscoverySource {
  readonly #sources: readonly DiscoverySource[];
  #parts: readonly (readonly GroupDiscovery[])[] = [];
  #joined: readonly GroupDiscovery[] = [];

  constructor(sources: readonly DiscoverySource[]) {
    this.#sources = sources;
  }

  async groups(): Promise<readonly GroupDiscovery[]> {
    const parts = await Promise.all(this.#sources.map(async (source) => source.groups()));
    if (parts.some((part, index) => part !== this.#parts[index])) {
      this.#parts = parts;
      this.#joined = parts.flat();
    }
    return this.#joined;
  }
}

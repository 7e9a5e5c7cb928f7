/** The catalog that a server's discovery makes up. */

import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import type { CatalogResource, ResourceCatalog } from './resource-catalog.ts';

export class DiscoveryCatalog implements ResourceCatalog {
  readonly #discovery: DiscoverySource;

  constructor(discovery: DiscoverySource) {
    this.#discovery = discovery;
  }

  async resources(): Promise<readonly CatalogResource[]> {
    const found = new Map<string, CatalogResource>();
    for (const { name: group, versions } of await this.#discovery.groups()) {
      for (const { version, resources } of versions) {
        for (const { resource, responseKind, scope, verbs } of resources) {
          const key = `${group}/${resource}`;
          if (found.has(key)) continue;
          found.set(key, {
            group,
            version,
            resource,
            kind: responseKind.kind,
            namespaced: scope === 'Namespaced',
            verbs,
          });
        }
      }
    }
    return [...found.values()];
  }
}

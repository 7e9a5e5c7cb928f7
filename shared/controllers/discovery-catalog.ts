/** A resource catalog from a server's discovery. */

import type { DiscoverySource, GroupDiscovery } from '../endpoints/discovery/discovery-source.ts';
import { formatGroupVersion, type GroupResource } from '../runtime/group-version.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import { highest } from '../util/extremes.ts';
import type { CatalogResource, ResourceCatalog } from './resource-catalog.ts';

export interface DiscoveryCatalogOptions {
  /** All served resources. */
  readonly all: DiscoverySource;
  /** Resources without a definition, available without reading. */
  readonly builtIn: DiscoverySource;
  /** Resources of other API servers; included in `all`. */
  readonly remote: DiscoverySource;
  /** The resource of one definition, `plural.group`. */
  readonly custom: (name: string) => Promise<GroupDiscovery | undefined>;
  /** Prefixes of resources that were ever written to, see `StorageFactory.written`. */
  readonly written: () => Promise<ReadonlySet<string> | undefined>;
  /** The storage prefixes of a resource's objects. */
  readonly prefixesOf: (resource: GroupResource) => readonly string[];
  /** See `StorageFactory.newestRevision`. */
  readonly newestRevision: (resourcePrefix: string) => Promise<number>;
}

/** Number of kinds whose resource is cached. */
const REMEMBERED = 1_000;

export class DiscoveryCatalog implements ResourceCatalog {
  readonly #options: DiscoveryCatalogOptions;
  #builtIn:
    | { readonly of: readonly GroupDiscovery[]; readonly resources: readonly CatalogResource[] }
    | undefined;
  /** The resource of a custom kind, by `group/kind`. */
  readonly #plurals = new BoundedCache<string, string>({ max: REMEMBERED });

  constructor(options: DiscoveryCatalogOptions) {
    this.#options = options;
  }

  async resources(): Promise<readonly CatalogResource[]> {
    return catalogOf(await this.#options.all.groups());
  }

  async inUse(): Promise<readonly CatalogResource[]> {
    const { written: read, prefixesOf } = this.#options;
    const [resources, written] = await Promise.all([this.resources(), read()]);
    if (written === undefined) return resources;
    const isWritten = (resource: GroupResource) => prefixesOf(resource).some((prefix) => written.has(prefix));
    return resources.filter((resource) => resource.isRemote || isWritten(resource));
  }

  async newestRevision(resource: GroupResource): Promise<number> {
    const { prefixesOf, newestRevision } = this.#options;
    return highest(await Promise.all(prefixesOf(resource).map(newestRevision)));
  }

  async stale(): Promise<readonly string[]> {
    return (await this.#options.remote.groups()).flatMap(({ name: group, versions }) =>
      versions
        .filter(({ freshness }) => freshness === 'Stale')
        .map(({ version }) => formatGroupVersion({ group, version })),
    );
  }

  async ofResource({ group, resource }: GroupResource): Promise<CatalogResource | undefined> {
    const builtIn = (await this.#builtInOf(group)).find((found) => found.resource === resource);
    return builtIn ?? (await this.#custom(group, resource)) ?? this.#remote(group, resource);
  }

  async ofKind(group: string, kind: string): Promise<CatalogResource | undefined> {
    const builtIn = (await this.#builtInOf(group)).find((found) => found.kind === kind);
    if (builtIn !== undefined) return builtIn;
    const known = this.#plurals.get(`${group}/${kind}`) ?? pluralOf(kind);
    const guessed = await this.#custom(group, known);
    if (guessed?.kind === kind) return guessed;
    const found = (await this.resources()).find((one) => one.group === group && one.kind === kind);
    if (found !== undefined) this.#plurals.set(`${group}/${kind}`, found.resource);
    return found;
  }

  async #custom(group: string, resource: string): Promise<CatalogResource | undefined> {
    const found = await this.#options.custom(`${resource}.${group}`);
    return found && catalogOf([found]).find((one) => one.resource === resource);
  }

  /** Throws Error if a server that may have the resource doesn't answer. */
  async #remote(group: string, resource: string): Promise<CatalogResource | undefined> {
    const groups = (await this.#options.remote.groups()).filter(({ name }) => name === group);
    const found = catalogOf(groups).find((one) => one.resource === resource);
    const isUnsure = groups.some(({ versions }) => versions.some(({ freshness }) => freshness === 'Stale'));
    if (found === undefined && isUnsure) throw new Error(`the API servers of ${group} don't all answer`);
    return found;
  }

  async #builtInOf(group: string): Promise<readonly CatalogResource[]> {
    const groups = await this.#options.builtIn.groups();
    if (this.#builtIn?.of !== groups) this.#builtIn = { of: groups, resources: catalogOf(groups) };
    return this.#builtIn.resources.filter((one) => one.group === group);
  }
}

function catalogOf(groups: readonly GroupDiscovery[]): readonly CatalogResource[] {
  const found = new Map<string, CatalogResource>();
  for (const { name: group, versions } of groups) {
    for (const { version, resources, freshness, isRemote = false } of versions) {
      if (freshness === 'Stale') continue;
      for (const { resource, responseKind, scope, verbs } of resources) {
        const key = `${group}/${resource}`;
        if (found.has(key)) continue;
        const { kind } = responseKind;
        const namespaced = scope === 'Namespaced';
        found.set(key, { group, version, resource, kind, namespaced, verbs, isRemote });
      }
    }
  }
  return [...found.values()];
}

/**
 * The usual resource name of a kind (`UnsafeGuessKindToResource` of
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/api/meta/restmapper.go).
 */
function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular.endsWith('endpoints')) return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

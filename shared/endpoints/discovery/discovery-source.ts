/**
 * A server's input to discovery: its groups in the form of `apidiscovery.k8s.io/v2`, from which the other forms derive.
 */

import type { APIGroups } from '../routing/api-groups.ts';
import { apiResources } from './legacy.ts';

export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface SubresourceDiscovery {
  readonly subresource: string;
  readonly responseKind?: ResourceKind | undefined;
  readonly acceptedTypes?: readonly ResourceKind[] | undefined;
  readonly verbs: readonly string[];
}

export interface ResourceDiscovery {
  readonly resource: string;
  readonly responseKind: ResourceKind;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly subresources?: readonly SubresourceDiscovery[] | undefined;
}

export interface VersionDiscovery {
  readonly version: string;
  readonly resources: readonly ResourceDiscovery[];
  /** Stale means that the server of this version doesn't respond and that its resources may have changed. */
  readonly freshness: 'Current' | 'Stale';
  /** Whether another API server serves it. */
  readonly isRemote?: boolean | undefined;
  /** Whether it is installed in this server. If so, its kinds omit group and version, as upstream's installer does. */
  readonly installed?: boolean | undefined;
}

export interface GroupDiscovery {
  /** '' for core. */
  readonly name: string;
  /** Most preferred first. */
  readonly versions: readonly VersionDiscovery[];
}

/** Returns the same array until something changes, so that callers can cache results derived from it. */
export interface DiscoverySource {
  groups(): readonly GroupDiscovery[] | Promise<readonly GroupDiscovery[]>;
}

/** The groups installed in a server, which don't change while it runs. */
export class InstalledGroupsDiscovery implements DiscoverySource {
  readonly #groups: APIGroups;
  #discovered: readonly GroupDiscovery[] | undefined;

  constructor(groups: APIGroups) {
    this.#groups = groups;
  }

  groups(): readonly GroupDiscovery[] {
    this.#discovered ??= this.#groups.groups().map((name) => ({
      name,
      versions: this.#groups.versions(name).map((version) => this.#version(name, version)),
    }));
    return this.#discovered;
  }

  #version(group: string, version: string): VersionDiscovery {
    const all = apiResources(this.#groups, { group, version }) ?? [];
    const resources = all
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced, singularName, verbs, shortNames, categories }) => {
        const subresources = all
          .filter((other) => other.name.startsWith(`${name}/`))
          .map((other) => ({
            subresource: other.name.slice(name.length + 1),
            responseKind: {
              group: other.group ?? group,
              version: other.version ?? version,
              kind: other.kind,
            },
            verbs: other.verbs,
          }));
        return {
          resource: name,
          responseKind: { group, version, kind },
          scope: namespaced ? ('Namespaced' as const) : ('Cluster' as const),
          singularResource: singularName,
          verbs,
          ...(shortNames && { shortNames }),
          ...(categories && { categories }),
          ...(subresources.length > 0 && { subresources }),
        };
      });
    return { version, resources, freshness: 'Current', installed: true };
  }
}

/** What a server tells discovery: its groups in the form of `apidiscovery.k8s.io/v2`, from which all others follow. */

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
  /** Stale: its server doesn't answer, and there may be more, or less, than is told. */
  readonly freshness: 'Current' | 'Stale';
  /** Another API server has it. */
  readonly isRemote?: boolean | undefined;
  /** Its kinds go without group and version where they are in this one, as upstream's installer leaves them. */
  readonly installed?: boolean | undefined;
}

export interface GroupDiscovery {
  /** '' for core. */
  readonly name: string;
  /** Most preferred first. */
  readonly versions: readonly VersionDiscovery[];
}

/** Returns the same array for as long as nothing changed, so that what is made of it can be kept. */
export interface DiscoverySource {
  groups(): readonly GroupDiscovery[] | Promise<readonly GroupDiscovery[]>;
}

/** The groups installed on a server, which don't change while it runs. */
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

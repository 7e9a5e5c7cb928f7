/** Discovery of remote servers, refreshed periodically. */

import type {
  DiscoverySource,
  GroupDiscovery,
  ResourceDiscovery,
  VersionDiscovery,
} from '../endpoints/discovery/discovery-source.ts';
import type { APIResource } from '../endpoints/discovery/legacy.ts';
import { entryOf } from '../util/entry-of.ts';
import { downloadJSON } from './download-json.ts';
import type { RemoteAPIService, RemoteServers } from './remote-servers.ts';

const REFRESH_MS = 60_000;
const TIMEOUT_MS = 5_000;

interface Known {
  readonly discovery: VersionDiscovery;
  readonly expires: number;
  /** Version of the APIService, which changes when its server comes back. */
  readonly resourceVersion: string | undefined;
}

export class RemoteDiscovery implements DiscoverySource {
  readonly #servers: RemoteServers;
  #known = new Map<string, Known>();
  #groups: readonly GroupDiscovery[] = [];

  constructor(servers: RemoteServers) {
    this.#servers = servers;
  }

  async groups(): Promise<readonly GroupDiscovery[]> {
    const remotes = await this.#servers.all();
    const known = new Map<string, Known>();
    await Promise.all(
      [...remotes].map(async ([name, remote]) => known.set(name, await this.#discover(name, remote))),
    );
    const groups = groupsOf(remotes, known);
    this.#known = known;
    if (JSON.stringify(groups) !== JSON.stringify(this.#groups)) this.#groups = groups;
    return this.#groups;
  }

  async #discover(name: string, remote: RemoteAPIService): Promise<Known> {
    const old = this.#known.get(name);
    const resourceVersion = remote.apiService.metadata.resourceVersion;
    if (old !== undefined && old.expires > Date.now() && old.resourceVersion === resourceVersion) return old;
    const expires = Date.now() + REFRESH_MS;
    const { version = '' } = remote.apiService.spec;
    try {
      return { discovery: await fetchVersion(remote), expires, resourceVersion };
    } catch {
      // Like upstream, includes unreachable versions, marked as stale.
      const resources = old?.discovery.resources ?? [];
      return {
        discovery: { version, resources, freshness: 'Stale', isRemote: true },
        expires,
        resourceVersion,
      };
    }
  }
}

/** Reads the server's resources. Throws if the server can't be reached, or its response is invalid. */
export async function fetchVersion({ apiService, server }: RemoteAPIService): Promise<VersionDiscovery> {
  const { group = '', version = '' } = apiService.spec;
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const list = (await downloadJSON(server, path, TIMEOUT_MS)) as {
    readonly resources?: readonly APIResource[];
  };
  const resources = resourcesOf({ group, version }, list.resources ?? []);
  return { version, resources, freshness: 'Current', isRemote: true };
}

function resourcesOf(
  gv: { readonly group: string; readonly version: string },
  all: readonly APIResource[],
): ResourceDiscovery[] {
  const kindOf = ({ group, version, kind }: APIResource) => ({
    group: group || gv.group,
    version: version || gv.version,
    kind,
  });
  const byResource = new Map<string, APIResource[]>();
  for (const resource of all) {
    const [parent = '', subresource] = resource.name.split(/\/(.*)/s);
    if (subresource !== undefined) entryOf(byResource, parent, () => []).push(resource);
  }
  return all
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const subresources = byResource.get(resource.name) ?? [];
      return {
        resource: resource.name,
        responseKind: kindOf(resource),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName ?? '',
        verbs: resource.verbs ?? [],
        ...(resource.shortNames && { shortNames: resource.shortNames }),
        ...(resource.categories && { categories: resource.categories }),
        ...(subresources.length > 0 && {
          subresources: subresources.map((sub) => ({
            subresource: sub.name.slice(resource.name.length + 1),
            responseKind: kindOf(sub),
            verbs: sub.verbs ?? [],
          })),
        }),
      };
    });
}

function groupsOf(
  remotes: ReadonlyMap<string, RemoteAPIService>,
  known: ReadonlyMap<string, Known>,
): GroupDiscovery[] {
  const byPriority = [...remotes].sort(
    ([, a], [, b]) =>
      b.apiService.spec.groupPriorityMinimum - a.apiService.spec.groupPriorityMinimum ||
      b.apiService.spec.versionPriority - a.apiService.spec.versionPriority,
  );
  const groups = new Map<string, VersionDiscovery[]>();
  for (const [name, { apiService }] of byPriority) {
    const group = apiService.spec.group ?? '';
    entryOf(groups, group, () => []).push(known.get(name)!.discovery);
  }
  return [...groups].map(([name, versions]) => ({ name, versions }));
}

/** The resources that a cluster serves, from its discovery. */

import type { APIResource } from '../../../shared/meta/v1/types.ts';
import {
  formatGroupResource,
  type GroupResource,
  parseGroupVersion,
} from '../../../shared/runtime/group-version.ts';
import type { Cluster } from '../cluster.ts';

export interface ServedResource extends GroupResource {
  /** `apps/v1`. */
  readonly groupVersion: string;
  /** `deployments.apps`. */
  readonly fullName: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** The preferred version of each group first; no subresources. `unread`: called for versions that can't be read. */
export async function* servedResources(
  get: Cluster['get'],
  unread: (groupVersion: string, reason: string) => void,
): AsyncGenerator<ServedResource> {
  for (const groupVersion of await servedVersions(get)) {
    const { group } = parseGroupVersion(groupVersion)!;
    let resources: readonly APIResource[];
    try {
      ({ resources } = await get<{ resources: readonly APIResource[] }>(rootOf(groupVersion)));
    } catch (error) {
      unread(groupVersion, (error as Error).message);
      continue;
    }
    for (const { name: resource, kind, namespaced, verbs } of resources) {
      if (resource.includes('/')) continue;
      const fullName = formatGroupResource({ group, resource });
      yield { group, resource, groupVersion, fullName, kind, namespaced, verbs: verbs ?? [] };
    }
  }
}

/** `/apis/apps/v1`, or `/api/v1`. */
export const rootOf = (groupVersion: string): string =>
  groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;

async function servedVersions(get: Cluster['get']): Promise<string[]> {
  const core = await get<{ versions: readonly string[] }>('/api');
  const { groups } = await get<{
    groups: readonly {
      readonly preferredVersion: { readonly groupVersion: string };
      readonly versions: readonly { readonly groupVersion: string }[];
    }[];
  }>('/apis');
  return [
    ...core.versions,
    ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion),
    ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)),
  ].filter((groupVersion, i, all) => all.indexOf(groupVersion) === i);
}

/** Every object of a running cluster, through its API. */

import type { ForeignResource } from '../../shared/backup/foreign-records.ts';
import type { RuntimeObject } from '../../shared/runtime/scheme.ts';
import { appendAll } from '../../shared/util/append-all.ts';
import type { Cluster } from './cluster.ts';

interface APIResource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface List {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly RuntimeObject[] | null;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
    }[];
  };
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Definitions first, then all that can be listed. Each resource is read at one revision. Custom resources come in the
 * version that the cluster stores, others in the one that it prefers. `skipped`: told of what another API server
 * serves, and what may not be read.
 */
export async function* clusterResources(
  { get }: Cluster,
  skipped: (resource: string, count: number, reason: string) => void,
): AsyncGenerator<ForeignResource> {
  const definitions = await listAll(get, DEFINITIONS);
  const storedVersions = new Map(
    (definitions.objects as unknown as Definition[]).map(({ spec }) => [
      `${spec.names.plural}.${spec.group}`,
      (
        spec.versions.find(({ storage, served }) => storage && served) ??
        spec.versions.find(({ served }) => served)
      )?.name,
    ]),
  );
  yield {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    isCustom: false,
    ...definitions,
    objects: definitions.objects.map((object) => ({
      ...object,
      kind: 'CustomResourceDefinition',
      apiVersion: 'apiextensions.k8s.io/v1',
    })),
  };
  const seen = new Set(['customresourcedefinitions.apiextensions.k8s.io']);
  for (const groupVersion of await servedVersions(get)) {
    const group = groupVersion.includes('/') ? groupVersion.split('/')[0]! : '';
    const root = group === '' ? `/api/${groupVersion}` : `/apis/${groupVersion}`;
    const { resources } = await get<{ resources: readonly APIResource[] }>(root);
    for (const { name, kind, verbs } of resources) {
      const full = group === '' ? name : `${name}.${group}`;
      if (name.includes('/') || !verbs.includes('list') || seen.has(full)) continue;
      const stored = storedVersions.get(full);
      if (stored !== undefined && groupVersion !== `${group}/${stored}`) continue;
      seen.add(full);
      try {
        const list = await listAll(get, `${root}/${name}`);
        const objects = list.objects.map((object) => ({ ...object, kind, apiVersion: groupVersion }));
        yield { group, resource: name, isCustom: stored !== undefined, ...list, objects };
      } catch (error) {
        skipped(full, 0, (error as Error).message);
      }
    }
  }
}

/** The preferred version of each group first. */
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

async function listAll(
  get: Cluster['get'],
  path: string,
): Promise<{ resourceVersion: number; objects: RuntimeObject[] }> {
  const objects: RuntimeObject[] = [];
  for (let next = ''; ; ) {
    const page = await get<List>(`${path}?limit=500${next && `&continue=${encodeURIComponent(next)}`}`);
    appendAll(objects, page.items ?? []);
    next = page.metadata.continue ?? '';
    const resourceVersion = Number(page.metadata.resourceVersion);
    // Another store's revisions may not be numbers; then there is nothing to go on from.
    if (next === '')
      return { resourceVersion: Number.isSafeInteger(resourceVersion) ? resourceVersion : 1, objects };
  }
}

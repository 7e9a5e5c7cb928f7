/** Reads every object of a running cluster through its API. */

import type { ForeignResource } from '../../../shared/backup/foreign-records.ts';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';
import { appendAll } from '../../../shared/util/append-all.ts';
import type { Cluster } from '../cluster.ts';
import { rootOf, servedResources } from './served-resources.ts';

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
 * Definitions first, then all listable resources. Each resource is read at one revision. Custom resources are read in
 * the cluster's storage version, others in its preferred version. `skipped`: called for resources of other API servers,
 * and for those that may not be read.
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
  for await (const served of servedResources(get, (version, reason) => skipped(version, 0, reason))) {
    const { group, resource, groupVersion, fullName, kind, verbs } = served;
    if (!verbs.includes('list') || seen.has(fullName)) continue;
    const stored = storedVersions.get(fullName);
    if (stored !== undefined && groupVersion !== `${group}/${stored}`) continue;
    seen.add(fullName);
    try {
      const list = await listAll(get, `${rootOf(groupVersion)}/${resource}`);
      const objects = list.objects.map((object) => ({ ...object, kind, apiVersion: groupVersion }));
      yield { group, resource, isCustom: stored !== undefined, ...list, objects };
    } catch (error) {
      skipped(fullName, 0, (error as Error).message);
    }
  }
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
    // Another store's revisions may not be numbers; then start from 1.
    if (next === '')
      return { resourceVersion: Number.isSafeInteger(resourceVersion) ? resourceVersion : 1, objects };
  }
}

/** The resources served now, including custom ones, as a client's discovery finds them. */

import type { GroupResource, GroupVersionResource } from '../runtime/group-version.ts';

export interface CatalogResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Served by another API server: there is a client, but no lister. */
  readonly isRemote: boolean;
}

export interface ResourceCatalog {
  /** One entry per group and resource, in the preferred version that has it. */
  resources(): Promise<readonly CatalogResource[]>;
  /**
   * The resources that may have objects: if the store can tell, resources never written to before the call are left
   * out.
   */
  inUse(): Promise<readonly CatalogResource[]>;
  /** The newest revision taken of a resource that is not remote, as of a moment ago. */
  newestRevision(resource: GroupResource): Promise<number>;
  /** Group versions (`metrics.k8s.io/v1beta1`) that `resources` may lack because their server doesn't answer. */
  stale(): Promise<readonly string[]>;
  /** One resource, without reading more than necessary. Throws Error if its server doesn't answer. */
  ofResource(resource: GroupResource): Promise<CatalogResource | undefined>;
  /** The resource of a kind, usually without reading more than necessary. */
  ofKind(group: string, kind: string): Promise<CatalogResource | undefined>;
}

/** Whether objects can be cleaned up: listed, and deleted one by one. */
export function isDeletable({ verbs }: CatalogResource): boolean {
  return verbs.includes('list') && verbs.includes('delete');
}

export function deletable(resources: readonly CatalogResource[]): readonly CatalogResource[] {
  return resources.filter(isDeletable);
}

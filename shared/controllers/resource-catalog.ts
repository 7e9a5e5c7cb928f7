/** The resources that are served now, custom ones included, as a client's discovery finds them. */

import type { GroupResource, GroupVersionResource } from '../runtime/group-version.ts';

export interface CatalogResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Another API server has it: there is a client of it, and no lister. */
  readonly isRemote: boolean;
}

export interface ResourceCatalog {
  /** One entry per group and resource, in the preferred version that has it. */
  resources(): Promise<readonly CatalogResource[]>;
  /**
   * Those of them that may have objects: where the store tells, the others, to which nobody had ever written before the
   * call, are left out.
   */
  inUse(): Promise<readonly CatalogResource[]>;
  /** What `resources` may lack: group versions (`metrics.k8s.io/v1beta1`) whose server doesn't answer. */
  stale(): Promise<readonly string[]>;
  /** One of them; reads no more than that takes. Throws Error where nobody can tell: its server doesn't answer. */
  ofResource(resource: GroupResource): Promise<CatalogResource | undefined>;
  /** The one of a kind; reads no more than that takes, as a rule. */
  ofKind(group: string, kind: string): Promise<CatalogResource | undefined>;
}

/** What can be cleaned up: lists, and deletes one by one. */
export function isDeletable({ verbs }: CatalogResource): boolean {
  return verbs.includes('list') && verbs.includes('delete');
}

export function deletable(resources: readonly CatalogResource[]): readonly CatalogResource[] {
  return resources.filter(isDeletable);
}

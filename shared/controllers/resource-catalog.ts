/** The resources that are served now, custom ones included, as a client's discovery finds them. */

import type { GroupVersionResource } from '../runtime/group-version.ts';

export interface CatalogResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface ResourceCatalog {
  /** One entry per group and resource, in the preferred version that has it. */
  resources(): Promise<readonly CatalogResource[]>;
}

/** What can be cleaned up: lists, and deletes one by one. */
export function deletable(resources: readonly CatalogResource[]): readonly CatalogResource[] {
  return resources.filter(({ verbs }) => verbs.includes('list') && verbs.includes('delete'));
}

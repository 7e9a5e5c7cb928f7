/** https://github.com/kubernetes/component-helpers/blob/master/auth/rbac/reconciliation/reconcile_role.go */

import type { ClusterRole, Role } from '../../../apis/rbac/v1/types.ts';
import { uncoveredRules } from '../covers.ts';
import { AUTOUPDATE_ANNOTATION } from './policy.ts';

interface Metadata {
  readonly labels?: Record<string, string> | undefined;
  readonly annotations?: Record<string, string> | undefined;
}

/** Adds expected labels and annotations that are missing; existing values are kept. */
export function mergeMetadata<M extends Metadata>(existing: M, expected: Metadata): M {
  return {
    ...existing,
    labels: { ...expected.labels, ...existing.labels },
    annotations: { ...expected.annotations, ...existing.annotations },
  };
}

export function isProtected({ annotations }: Metadata): boolean {
  return annotations?.[AUTOUPDATE_ANNOTATION] === 'false';
}

/** The existing role with missing rules of the expected one added. Extra rules are kept. */
export function reconcileRole<T extends ClusterRole | Role>(existing: T, expected: T): T {
  if (isProtected(existing.metadata)) return existing;
  const { rules: missing } = uncoveredRules(existing.rules ?? [], expected.rules ?? []);
  const role: ClusterRole | Role = {
    ...existing,
    metadata: mergeMetadata(existing.metadata, expected.metadata),
    ...(missing.length > 0 && { rules: [...(existing.rules ?? []), ...missing] }),
  };
  const wanted = (expected as ClusterRole).aggregationRule?.clusterRoleSelectors;
  const had = (existing as ClusterRole).aggregationRule?.clusterRoleSelectors ?? [];
  if (wanted === undefined) {
    if (had.length > 0) delete (role as ClusterRole).aggregationRule;
    return role as T;
  }
  const known = new Set(had.map((selector) => JSON.stringify(selector)));
  const lacking = wanted.filter((selector) => !known.has(JSON.stringify(selector)));
  return { ...role, aggregationRule: { clusterRoleSelectors: [...had, ...lacking] } } as T;
}

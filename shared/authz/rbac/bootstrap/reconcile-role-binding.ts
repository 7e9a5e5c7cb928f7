/** https://github.com/kubernetes/component-helpers/blob/master/auth/rbac/reconciliation/reconcile_rolebindings.go */

import type { ClusterRoleBinding, RoleBinding, Subject } from '../../../apis/rbac/v1/types.ts';
import { isProtected, mergeMetadata } from './reconcile-role.ts';

const keyOf = ({ kind, apiGroup = '', namespace = '', name }: Subject): string =>
  JSON.stringify([kind, apiGroup, namespace, name]);

/** Whether the roleRef differs. It is immutable: the binding must be deleted and recreated. */
export function mustRecreate(
  existing: ClusterRoleBinding | RoleBinding,
  expected: ClusterRoleBinding | RoleBinding,
): boolean {
  const [a, b] = [existing.roleRef, expected.roleRef];
  if (isProtected(existing.metadata)) return false;
  return a.apiGroup !== b.apiGroup || a.kind !== b.kind || a.name !== b.name;
}

/** The existing binding with missing subjects of the expected one added. Extra subjects are kept. */
export function reconcileRoleBinding<T extends ClusterRoleBinding | RoleBinding>(
  existing: T,
  expected: T,
): T {
  if (isProtected(existing.metadata)) return existing;
  const known = new Set(existing.subjects?.map(keyOf));
  const missing = (expected.subjects ?? []).filter((subject) => !known.has(keyOf(subject)));
  return {
    ...existing,
    metadata: mergeMetadata(existing.metadata, expected.metadata),
    ...(missing.length > 0 && { subjects: [...(existing.subjects ?? []), ...missing] }),
  };
}

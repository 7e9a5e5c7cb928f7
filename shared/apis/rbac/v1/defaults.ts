import type { ClusterRoleBinding, RoleBinding } from './types.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Also used for v1beta1. */
export function setBindingDefaults({ subjects }: RoleBinding | ClusterRoleBinding): void {
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= GROUP;
  }
}

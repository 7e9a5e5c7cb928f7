import type { ClusterRoleBinding, RoleBinding } from './types.ts';

const API_VERSIONS: ReadonlyMap<string, string> = new Map([
  ['ServiceAccount', 'v1'],
  ['User', 'rbac.authorization.k8s.io/v1alpha1'],
  ['Group', 'rbac.authorization.k8s.io/v1alpha1'],
]);

export function setBindingDefaults({ subjects }: RoleBinding | ClusterRoleBinding): void {
  for (const subject of subjects ?? []) {
    const apiVersion = API_VERSIONS.get(subject.kind);
    if (apiVersion !== undefined) subject.apiVersion ||= apiVersion;
  }
}

import type { GroupVersionKind } from '../../runtime/group-version.ts';

/** What messages call the internal Go type of a built-in kind, in its group's package: `core.ConfigMap`. */
export function internalGoType({ group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>): string {
  const isCore = group === '' || group === 'events.k8s.io';
  const name = group === 'internal.apiserver.k8s.io' ? 'apiserverinternal' : group.split('.')[0]!;
  return `${isCore ? 'core' : name}.${kind}`;
}

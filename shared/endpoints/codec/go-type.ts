import type { GroupVersionKind } from '../../runtime/group-version.ts';

/** The name of a built-in kind's internal Go type, as it appears in error messages: `core.ConfigMap`. */
export function internalGoType({ group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>): string {
  const isCore = group === '' || group === 'events.k8s.io';
  const name = group === 'internal.apiserver.k8s.io' ? 'apiserverinternal' : group.split('.')[0]!;
  return `${isCore ? 'core' : name}.${kind}`;
}

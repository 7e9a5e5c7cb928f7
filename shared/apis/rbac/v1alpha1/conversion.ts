/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/v1alpha1/conversion.go */

import { formatGroupVersion, parseGroupVersion } from '../../../runtime/group-version.ts';
import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type { ClusterRoleBinding, RoleBinding, Subject } from './types.ts';

const GROUP = 'rbac.authorization.k8s.io';

function apiGroupOf({ kind, apiVersion = '' }: Subject): string | undefined {
  if (kind === 'ServiceAccount') return undefined;
  if (kind === 'User' || kind === 'Group') return GROUP;
  return parseGroupVersion(apiVersion)?.group || undefined;
}

function apiVersionOf({ kind, apiGroup = '' }: v1.Subject): string | undefined {
  if (kind === 'ServiceAccount' && apiGroup === '') return 'v1';
  if ((kind === 'User' || kind === 'Group') && apiGroup === GROUP) return `${GROUP}/v1alpha1`;
  return apiGroup === '' ? undefined : formatGroupVersion({ group: apiGroup, version: '' });
}

function subjectToInternal(subject: Subject): v1.Subject {
  const { apiVersion: _, ...rest } = subject;
  // The user * once stood for all users.
  if (rest.kind === 'User' && rest.name === '*') {
    return { ...rest, kind: 'Group', apiGroup: GROUP, name: 'system:authenticated' };
  }
  return compact({ ...rest, apiGroup: apiGroupOf(subject) });
}

function subjectFromInternal(subject: v1.Subject): Subject {
  const { apiGroup: _, ...rest } = subject;
  return compact({ ...rest, apiVersion: apiVersionOf(subject) });
}

type Binding = RoleBinding | ClusterRoleBinding;
type InternalBinding = v1.RoleBinding | v1.ClusterRoleBinding;

/** For both RoleBinding and ClusterRoleBinding. */
export function bindingToInternal(binding: Binding): InternalBinding {
  return compact({ ...binding, subjects: binding.subjects?.map(subjectToInternal) });
}

export function bindingFromInternal(hub: InternalBinding): Binding {
  return compact({ ...hub, subjects: hub.subjects?.map(subjectFromInternal) });
}

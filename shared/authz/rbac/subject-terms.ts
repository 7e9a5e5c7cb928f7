/** Index terms for subjects: a binding applies to a user if they have a term in common. */

import type { Subject } from '../../apis/rbac/v1/types.ts';
import { serviceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';

const userTerm = (name: string) => `user ${name}`;
const groupTerm = (name: string) => `group ${name}`;

/** `namespace` is the binding's; '' for a ClusterRoleBinding. Undefined if the subject can't match any user. */
function subjectTerm({ kind, name, namespace }: Subject, bindingNamespace: string): string | undefined {
  if (kind === 'Group') return groupTerm(name);
  if (kind === 'User') return userTerm(name);
  if (kind !== 'ServiceAccount') return undefined;
  const of = namespace || bindingNamespace;
  return of === '' ? undefined : userTerm(serviceAccountUsername(of, name));
}

export function subjectTerms({
  metadata,
  subjects,
}: {
  readonly metadata: { readonly namespace?: string | undefined };
  readonly subjects?: readonly Subject[] | null | undefined;
}): readonly string[] {
  const terms = (subjects ?? []).flatMap((subject) => subjectTerm(subject, metadata.namespace ?? '') ?? []);
  return [...new Set(terms)];
}

export const termsOfUser = ({ name }: UserInfo): string[] => [userTerm(name)];
export const termsOfGroups = ({ groups }: UserInfo): string[] => groups.map(groupTerm);

/**
 * Prevents privilege escalation: users can't grant rights they don't have through a role or binding
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/rbac/escalation_check.go).
 */

import type { PolicyRule, RoleRef } from '../../apis/rbac/v1/types.ts';
import { SYSTEM_PRIVILEGED_GROUP, type UserInfo } from '../../request/user-info.ts';
import { quote, quoteAll } from '../../runtime/go-format.ts';
import type { Authorizer, AuthorizerAttributes } from '../authorizer.ts';
import { unreadable } from '../unreadable.ts';
import { compactRules, formatRule, uncoveredRules } from './covers.ts';
import type { RBACRuleResolver } from './rule-resolver.ts';

const GROUP = 'rbac.authorization.k8s.io';
const RESOURCES = new Map([
  ['ClusterRole', 'clusterroles'],
  ['Role', 'roles'],
]);

async function allows(authorizer: Authorizer, attributes: Partial<AuthorizerAttributes>): Promise<boolean> {
  const { decision } = await authorizer.authorize({
    isResourceRequest: true,
    apiVersion: '*',
    subresource: '',
    path: '',
    ...attributes,
  } as AuthorizerAttributes);
  return decision === 'Allow';
}

export function escalationAllowed(user: UserInfo): boolean {
  return user.groups.includes(SYSTEM_PRIVILEGED_GROUP);
}

/** Whether the user may write any rules to the role, by the verb `escalate`. */
export async function roleEscalationAuthorized(
  authorizer: Authorizer,
  role: { user: UserInfo; resource: 'roles' | 'clusterroles'; namespace: string; name: string },
): Promise<boolean> {
  return allows(authorizer, { ...role, verb: 'escalate', apiGroup: GROUP });
}

/** Whether the user may bind the role regardless of its rules, by the verb `bind`. */
export async function bindingAuthorized(
  authorizer: Authorizer,
  binding: { user: UserInfo; roleRef: RoleRef; namespace: string },
): Promise<boolean> {
  const { user, roleRef, namespace } = binding;
  const resource = RESOURCES.get(roleRef.kind ?? '');
  if (resource === undefined) return false;
  const { apiGroup, name } = roleRef;
  return allows(authorizer, { user, verb: 'bind', namespace, apiGroup, resource, name });
}

/**
 * Rejects unless the user has every right that `rules` grant; with a StatusError (429, 5xx) if that can't be
 * determined. `namespace` is '' for cluster-wide rights.
 */
export async function confirmNoEscalation(
  resolver: RBACRuleResolver,
  grant: { user: UserInfo; namespace: string; rules: readonly PolicyRule[] },
): Promise<void> {
  const { user, namespace, rules } = grant;
  const owned = await resolver.rulesFor(user, namespace);
  const missing = uncoveredRules(owned.rules, rules);
  if (missing.rules.length === 0) return;
  const lost = owned.errors.map(unreadable).find((error) => error !== undefined);
  if (lost !== undefined) throw lost;
  const descriptions = [...new Set(compactRules(missing.rules).map(formatRule))].sort();
  if (missing.more) descriptions.push('and more');
  const unresolved = owned.errors.map(({ message }) => message).join(' ');
  throw new Error(
    `user ${quote(user.name)} (groups=${quoteAll(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${descriptions.join('\n')}${unresolved && `; resolution errors: [${unresolved}]`}`,
  );
}

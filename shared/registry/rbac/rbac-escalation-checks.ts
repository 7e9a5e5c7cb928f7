/** https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/rbac, the `policybased` storages */

import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from '../../apis/rbac/v1/types.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import {
  bindingAuthorized,
  confirmNoEscalation,
  escalationAllowed,
  roleEscalationAuthorized,
} from '../../authz/rbac/escalation.ts';
import { rbacRuleResolver } from '../../authz/rbac/listers.ts';
import type { RBACRuleResolver } from '../../authz/rbac/rule-resolver.ts';
import { unreadable } from '../../authz/unreadable.ts';
import { isOnlyMutatingGCFields } from '../../meta/is-only-mutating-gc-fields.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { isNotFound, newForbidden, newNotFound } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { RESTStorageConfig } from '../generic/rest-storage-provider.ts';
import type { EscalationCheck, EscalationChecks } from './escalation-check.ts';

const group = 'rbac.authorization.k8s.io';

const FULL_AUTHORITY: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Decides whether a user may grant the permissions in an object. */
interface EscalationPolicy {
  readonly authorizer: Authorizer | undefined;
  readonly resolver: RBACRuleResolver;
}

async function mayEscalate(
  { authorizer }: EscalationPolicy,
  { user, requestInfo }: RequestContext,
): Promise<boolean> {
  const { resource, namespace, name } = requestInfo;
  if (authorizer === undefined || (resource !== 'roles' && resource !== 'clusterroles')) return false;
  return roleEscalationAuthorized(authorizer, { user, resource, namespace, name });
}

async function checkRole(policy: EscalationPolicy, context: RequestContext, role: Role): Promise<void> {
  if (await mayEscalate(policy, context)) return;
  const { namespace } = context.requestInfo;
  const rules = role.rules ?? [];
  await confirmNoEscalation(policy.resolver, { user: context.user, namespace, rules });
}

async function checkClusterRole(
  policy: EscalationPolicy,
  context: RequestContext,
  role: ClusterRole,
  old: ClusterRole | undefined,
): Promise<void> {
  if (await mayEscalate(policy, context)) return;
  const { user } = context;
  await confirmNoEscalation(policy.resolver, { user, namespace: '', rules: role.rules ?? [] });
  // An aggregation rule may collect any permissions, and may prevent others from removing permissions.
  if (![role, old].some((one) => one?.aggregationRule?.clusterRoleSelectors?.length)) return;
  try {
    await confirmNoEscalation(policy.resolver, { user, namespace: '', rules: FULL_AUTHORITY });
  } catch (cause) {
    if (unreadable(cause) !== undefined) throw cause;
    throw new Error('must have cluster-admin privileges to use the aggregationRule', { cause });
  }
}

/** For a RoleBinding, or a ClusterRoleBinding, whose namespace is ''. */
async function checkBinding(
  { authorizer, resolver }: EscalationPolicy,
  { user, requestInfo: { namespace } }: RequestContext,
  { roleRef }: ClusterRoleBinding | RoleBinding,
): Promise<void> {
  if (authorizer !== undefined && (await bindingAuthorized(authorizer, { user, roleRef, namespace }))) return;
  const rules = await resolver.roleRefRules(roleRef, namespace).catch((error: unknown) => {
    const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    throw isNotFound(error) ? newNotFound({ group, resource }, roleRef.name) : error;
  });
  await confirmNoEscalation(resolver, { user, namespace, rules });
}

/** The checks of a server, from which only `system:masters` is exempt. */
export function rbacEscalationChecks({ authorizer, resources }: RESTStorageConfig): EscalationChecks {
  const policy = { authorizer, resolver: rbacRuleResolver(resources) };
  const guarded =
    <T extends KubeObject>(
      resource: string,
      check: (
        policy: EscalationPolicy,
        context: RequestContext,
        object: T,
        old: T | undefined,
      ) => Promise<void>,
    ): EscalationCheck<T> =>
    async (context, object, old) => {
      if (escalationAllowed(context.user) || isOnlyMutatingGCFields(object, old)) return;
      try {
        await check(policy, context, object, old);
      } catch (error) {
        if (isNotFound(error)) throw error;
        const lost = unreadable(error);
        if (lost !== undefined) throw lost;
        throw newForbidden({ group, resource }, object.metadata.name ?? '', error);
      }
    };
  return {
    role: guarded('roles', checkRole),
    clusterRole: guarded('clusterroles', checkClusterRole),
    roleBinding: guarded('rolebindings', checkBinding),
    clusterRoleBinding: guarded('clusterrolebindings', checkBinding),
  };
}

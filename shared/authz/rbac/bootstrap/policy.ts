/**
 * The default roles and bindings of every cluster
 * (https://github.com/kubernetes/kubernetes/tree/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy).
 */

import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from '../../../apis/rbac/v1/types.ts';
import readPolicy from './policy.json?text';

export const AUTOUPDATE_ANNOTATION = 'rbac.authorization.kubernetes.io/autoupdate';

export interface BootstrapPolicy {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
}

/** Whether a feature gate is enabled. */
export type GateQuery = (gate: string) => boolean;

export interface BootstrapRule extends PolicyRule {
  /** Gates that must all be enabled. */
  readonly gates?: readonly string[];
  /** Gates required by individual `nonResourceURLs`. */
  readonly gatedURLs?: Readonly<Record<string, string>>;
}

export interface BootstrapEntry
  extends Omit<ClusterRole, 'metadata' | 'kind' | 'apiVersion' | 'rules'>,
    Partial<Pick<ClusterRoleBinding, 'roleRef' | 'subjects'>> {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly gates?: readonly string[];
  readonly rules?: readonly BootstrapRule[];
}

/** The format of `policy.json`, which `npm run import` writes. */
export type BootstrapTable = Readonly<Record<keyof BootstrapPolicy, readonly BootstrapEntry[]>>;

function object<T>(
  kind: string,
  { name, namespace, labels, rules, gates: _, ...rest }: BootstrapEntry,
  enabled: GateQuery,
): T {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [AUTOUPDATE_ANNOTATION]: 'true' },
    },
    ...rest,
    ...(rules && {
      rules: rules.filter(({ gates = [] }) => gates.every(enabled)).map((rule) => ruleOf(rule, enabled)),
    }),
  } as T;
}

function ruleOf({ gates: _, gatedURLs, ...rule }: BootstrapRule, enabled: GateQuery): PolicyRule {
  if (gatedURLs === undefined) return rule;
  const isThere = (url: string): boolean => !Object.hasOwn(gatedURLs, url) || enabled(gatedURLs[url]!);
  return { ...rule, nonResourceURLs: (rule.nonResourceURLs ?? []).filter(isThere) };
}

/** Returns a new value on each call. `emulated`: the table of an earlier release, which is not copied. */
export function bootstrapPolicy(enabled: GateQuery, emulated?: BootstrapTable): BootstrapPolicy {
  const table = emulated ?? (JSON.parse(readPolicy()) as BootstrapTable);
  const all = <T>(kind: string, entries: readonly BootstrapEntry[]) =>
    entries.filter(({ gates = [] }) => gates.every(enabled)).map((entry) => object<T>(kind, entry, enabled));
  return {
    clusterRoles: all('ClusterRole', table.clusterRoles),
    clusterRoleBindings: all('ClusterRoleBinding', table.clusterRoleBindings),
    roles: all('Role', table.roles),
    roleBindings: all('RoleBinding', table.roleBindings),
  };
}

/**
 * Which rules apply to whom
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/rbac/validation/rule.go).
 */

import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
} from '../../apis/rbac/v1/types.ts';
import { newNotFound } from '../../meta/status-error.ts';
import type { UserInfo } from '../../request/user-info.ts';
import type { ListerSnapshot, ResourceLister } from '../../rest/resource-access.ts';
import { quote } from '../../runtime/go-format.ts';
import { appendAll } from '../../util/append-all.ts';
import { type RoleRefResolver, ScopePolicy } from './policy.ts';

export interface RBACListers {
  readonly roles: ResourceLister<Role>;
  readonly roleBindings: ResourceLister<RoleBinding>;
  readonly clusterRoles: ResourceLister<ClusterRole>;
  readonly clusterRoleBindings: ResourceLister<ClusterRoleBinding>;
}

const group = 'rbac.authorization.k8s.io';

/** A value computed from snapshots, kept while they stay the same. */
class Derived<S extends readonly object[], V> {
  readonly #compute: (...sources: S) => V;
  #sources: S | undefined;
  #value: V | undefined;

  constructor(compute: (...sources: S) => V) {
    this.#compute = compute;
  }

  of(...sources: S): V {
    if (!this.#sources || sources.some((source, at) => source !== this.#sources![at])) {
      this.#value = this.#compute(...sources);
      this.#sources = sources;
    }
    return this.#value as V;
  }
}

const byName = <T extends ClusterRole | Role>(snapshot: ListerSnapshot<T>): Map<string, T> =>
  new Map(snapshot.items.map((item) => [`${item.metadata.namespace ?? ''}/${item.metadata.name}`, item]));

const byNamespace = (snapshot: ListerSnapshot<RoleBinding>): Map<string, RoleBinding[]> => {
  const bindings = new Map<string, RoleBinding[]>();
  for (const item of snapshot.items) {
    const namespace = item.metadata.namespace ?? '';
    const list = bindings.get(namespace);
    if (list === undefined) bindings.set(namespace, [item]);
    else list.push(item);
  }
  return bindings;
};

type Roles = Map<string, ClusterRole | Role>;

/** Throws the errors of upstream's role getters. `bindingNamespace` is '' for cluster role bindings. */
function resolver(clusterRoles: Roles, roles: Roles | undefined, bindingNamespace: string): RoleRefResolver {
  return (roleRef: RoleRef) => {
    const kinds: Record<string, [Roles | undefined, string, string] | undefined> = {
      ClusterRole: [clusterRoles, '', 'clusterrole'],
      Role: [roles, bindingNamespace, 'role'],
    };
    const kind = Object.hasOwn(kinds, roleRef.kind ?? '') ? kinds[roleRef.kind!] : undefined;
    if (kind === undefined) throw new Error(`unsupported role reference kind: ${quote(roleRef.kind ?? '')}`);
    const [index, namespace, resource] = kind;
    const role = index?.get(`${namespace}/${roleRef.name}`);
    if (role === undefined) throw newNotFound({ group, resource }, roleRef.name);
    return role.rules ?? [];
  };
}

const NO_POLICY = new ScopePolicy([], '', () => []);

/** Policies compiled from the newest snapshots; recompiled when one of them changes. */
export class RBACRuleResolver {
  readonly #listers: RBACListers;
  readonly #clusterRolesByName = new Derived(byName<ClusterRole>);
  readonly #rolesByName = new Derived(byName<Role>);
  readonly #bindingsByNamespace = new Derived(byNamespace);
  readonly #clusterPolicy = new Derived(
    (bindings: ListerSnapshot<ClusterRoleBinding>, clusterRoles: Roles) =>
      new ScopePolicy(bindings.items, '', resolver(clusterRoles, undefined, '')),
  );
  readonly #namespacePolicies = new Derived(
    (_bindings: ReadonlyMap<string, RoleBinding[]>, _roles: Roles, _clusterRoles: Roles) =>
      new Map<string, ScopePolicy>(),
  );

  constructor(listers: RBACListers) {
    this.#listers = listers;
  }

  /** Cluster role bindings. Rejects when the replica can't be read. */
  async clusterPolicy(): Promise<ScopePolicy> {
    const [bindings, clusterRoles] = await Promise.all([
      this.#listers.clusterRoleBindings.snapshot(),
      this.#listers.clusterRoles.snapshot(),
    ]);
    return this.#clusterPolicy.of(bindings, this.#clusterRolesByName.of(clusterRoles));
  }

  /** Role bindings of one namespace. Rejects when the replica can't be read. */
  async namespacePolicy(namespace: string): Promise<ScopePolicy> {
    const [bindings, roles, clusterRoles] = await Promise.all([
      this.#listers.roleBindings.snapshot(),
      this.#listers.roles.snapshot(),
      this.#listers.clusterRoles.snapshot(),
    ]);
    const bindingsByNamespace = this.#bindingsByNamespace.of(bindings);
    const own = bindingsByNamespace.get(namespace);
    // Callers choose namespaces: those that nothing is bound in must not be remembered.
    if (own === undefined) return NO_POLICY;
    const clusterRolesByName = this.#clusterRolesByName.of(clusterRoles);
    const rolesByName = this.#rolesByName.of(roles);
    const policies = this.#namespacePolicies.of(bindingsByNamespace, rolesByName, clusterRolesByName);
    let policy = policies.get(namespace);
    if (policy === undefined) {
      const resolve = resolver(clusterRolesByName, rolesByName, namespace);
      policy = new ScopePolicy(own, namespace, resolve);
      policies.set(namespace, policy);
    }
    return policy;
  }

  /** The cluster's policy, then the namespace's if there is one. */
  scopes(namespace: string): (() => Promise<ScopePolicy>)[] {
    const cluster = () => this.clusterPolicy();
    return namespace === '' ? [cluster] : [cluster, () => this.namespacePolicy(namespace)];
  }

  /** Whatever rules could be found: rules only add, so what is found holds although there are errors. */
  async rulesFor(user: UserInfo, namespace: string): Promise<{ rules: PolicyRule[]; errors: Error[] }> {
    const rules: PolicyRule[] = [];
    const errors: Error[] = [];
    for (const scope of this.scopes(namespace)) {
      try {
        const found = (await scope()).rulesFor(user);
        appendAll(rules, found.rules);
        appendAll(errors, found.errors);
      } catch (error) {
        errors.push(error as Error);
      }
    }
    return { rules, errors };
  }

  /** The rules behind a reference, for the right to bind it. Throws when there is no such role. */
  async roleRefRules(roleRef: RoleRef, bindingNamespace: string): Promise<readonly PolicyRule[]> {
    const clusterRoles = this.#clusterRolesByName.of(await this.#listers.clusterRoles.snapshot());
    const roles = this.#rolesByName.of(await this.#listers.roles.snapshot());
    return resolver(clusterRoles, roles, bindingNamespace)(roleRef);
  }
}

/**
 * Resolves the rules that apply to a user
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
import type { KubeObject } from '../../meta/kube-object.ts';
import type { UserInfo } from '../../request/user-info.ts';
import type { ListerSnapshot, ResourceLister } from '../../rest/resource-access.ts';
import { appendAll } from '../../util/append-all.ts';
import { ScopePolicy } from './policy.ts';
import { type Roles, resolverAmong } from './role-refs.ts';
import { type Scope, UserPolicies } from './user-policies.ts';

export interface RBACListers {
  readonly roles: ResourceLister<Role>;
  readonly roleBindings: ResourceLister<RoleBinding>;
  readonly clusterRoles: ResourceLister<ClusterRole>;
  readonly clusterRoleBindings: ResourceLister<ClusterRoleBinding>;
}

/** A value derived from snapshots, recomputed when one of them changes. */
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

const NO_POLICY = new ScopePolicy([], '', () => []);

const CLUSTER = ['clusterRoleBindings', 'clusterRoles'] as const;
const NAMESPACED = ['roleBindings', 'roles'] as const;

/** Policies compiled from the latest snapshots; recompiled when one of them changes. */
export class RBACRuleResolver {
  readonly #listers: RBACListers;
  readonly #clusterRolesByName = new Derived(byName<ClusterRole>);
  readonly #rolesByName = new Derived(byName<Role>);
  readonly #bindingsByNamespace = new Derived(byNamespace);
  readonly #clusterPolicy = new Derived(
    (bindings: ListerSnapshot<ClusterRoleBinding>, clusterRoles: Roles) =>
      new ScopePolicy(bindings.items, '', resolverAmong(clusterRoles, undefined, '')),
  );
  readonly #namespacePolicies = new Derived(
    (_bindings: ReadonlyMap<string, RoleBinding[]>, _roles: Roles, _clusterRoles: Roles) =>
      new Map<string, ScopePolicy>(),
  );

  readonly #users: UserPolicies;

  constructor(listers: RBACListers) {
    this.#listers = listers;
    this.#users = new UserPolicies(listers);
  }

  /** Cluster role bindings. Rejects if the replica can't be read. */
  async clusterPolicy(): Promise<ScopePolicy> {
    const [bindings, clusterRoles] = await Promise.all([
      this.#listers.clusterRoleBindings.snapshot(),
      this.#listers.clusterRoles.snapshot(),
    ]);
    return this.#clusterPolicy.of(bindings, this.#clusterRolesByName.of(clusterRoles));
  }

  /** Role bindings of one namespace. Rejects if the replica can't be read. */
  async namespacePolicy(namespace: string): Promise<ScopePolicy> {
    const [bindings, roles, clusterRoles] = await Promise.all([
      this.#listers.roleBindings.snapshot(),
      this.#listers.roles.snapshot(),
      this.#listers.clusterRoles.snapshot(),
    ]);
    const bindingsByNamespace = this.#bindingsByNamespace.of(bindings);
    const own = bindingsByNamespace.get(namespace);
    // Clients choose the namespace, so namespaces without bindings are not cached.
    if (own === undefined) return NO_POLICY;
    const clusterRolesByName = this.#clusterRolesByName.of(clusterRoles);
    const rolesByName = this.#rolesByName.of(roles);
    const policies = this.#namespacePolicies.of(bindingsByNamespace, rolesByName, clusterRolesByName);
    let policy = policies.get(namespace);
    if (policy === undefined) {
      const resolve = resolverAmong(clusterRolesByName, rolesByName, namespace);
      policy = new ScopePolicy(own, namespace, resolve);
      policies.set(namespace, policy);
    }
    return policy;
  }

  /**
   * The scopes to search for a request, cheapest first. If bindings are in memory: the cluster's policy, then the
   * namespace's. Otherwise: policies of the bindings that refer to the user, which are read for this purpose.
   */
  async scopes(user: UserInfo, namespace: string): Promise<readonly Scope[]> {
    const own = this.#users.remembered(user, namespace);
    if (own !== undefined) return own;
    if (await this.#isHeld(CLUSTER)) return this.#all(user, namespace);
    return this.#users.scopes(user, namespace);
  }

  #all(user: UserInfo, namespace: string): readonly Scope[] {
    const cluster = () => this.clusterPolicy();
    return namespace === '' ? [cluster] : [cluster, () => this.#namespaceOf(user, namespace)];
  }

  async #namespaceOf(user: UserInfo, namespace: string): Promise<ScopePolicy> {
    const held = (await this.#isHeld(CLUSTER)) && (await this.#isHeld(NAMESPACED));
    return held ? this.namespacePolicy(namespace) : this.#users.namespacePolicy(user, namespace);
  }

  /** Whether full snapshots of these resources are in memory. */
  async #isHeld(names: readonly (keyof RBACListers)[]): Promise<boolean> {
    const held = names.map(async (name) => {
      const sparse = await (this.#listers[name] as ResourceLister<KubeObject>).sparse?.();
      return sparse === undefined || (await sparse.held()) !== undefined;
    });
    return (await Promise.all(held)).every((one) => one);
  }

  /** Returns the rules found so far even if there are errors: rules are purely additive. */
  async rulesFor(user: UserInfo, namespace: string): Promise<{ rules: PolicyRule[]; errors: Error[] }> {
    const rules: PolicyRule[] = [];
    const errors: Error[] = [];
    const held = await this.#isHeld(CLUSTER).catch(() => true);
    const cluster = held ? () => this.clusterPolicy() : () => this.#users.clusterPolicy(user);
    const scopes = namespace === '' ? [cluster] : [cluster, () => this.#namespaceOf(user, namespace)];
    for (const scope of scopes) {
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

  /** The rules of a referenced role, for the right to bind it. Rejects if the role does not exist. */
  async roleRefRules(roleRef: RoleRef, bindingNamespace: string): Promise<readonly PolicyRule[]> {
    return (await this.#users.resolverOf([roleRef], bindingNamespace))(roleRef);
  }
}

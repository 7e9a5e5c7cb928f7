/**
 * Policies of what binds one user, for where bindings and roles are too many, or asked for too seldom, to be read as a
 * whole. They answer for this user as the policies of all bindings do.
 */

import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  RoleRef,
} from '../../apis/rbac/v1/types.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { type RoleRefResolver, ScopePolicy } from './policy.ts';
import { resolverAmong } from './role-refs.ts';
import type { RBACListers } from './rule-resolver.ts';
import { subjectTerms, termsOfGroups, termsOfUser } from './subject-terms.ts';

export type Scope = () => Promise<ScopePolicy>;

/** As old as replicas may be. */
const REMEMBERED_MS = 500;
const MAX_REMEMBERED = 200;

export class UserPolicies {
  readonly #listers: RBACListers;
  readonly #remembered = new BoundedCache<string, readonly Scope[]>({ max: MAX_REMEMBERED });

  constructor(listers: RBACListers) {
    this.#listers = listers;
  }

  remembered(user: UserInfo, namespace: string): readonly Scope[] | undefined {
    return this.#remembered.get(nameOf(user, namespace));
  }

  /** What binds the user by name is next to nothing to read, what binds a group of many may be more: it comes last. */
  scopes(user: UserInfo, namespace: string, ofNamespace: Scope): readonly Scope[] {
    const own = once(() => this.#clusterPolicy(termsOfUser(user)));
    const groups = once(() => this.#clusterPolicy(termsOfGroups(user)));
    const scopes = namespace === '' ? [own, groups] : [own, once(ofNamespace), groups];
    this.#remembered.set(nameOf(user, namespace), scopes, REMEMBERED_MS);
    return scopes;
  }

  clusterPolicy(user: UserInfo): Promise<ScopePolicy> {
    return this.#clusterPolicy([...termsOfUser(user), ...termsOfGroups(user)]);
  }

  async namespacePolicy(user: UserInfo, namespace: string): Promise<ScopePolicy> {
    const terms = new Set([...termsOfUser(user), ...termsOfGroups(user)]);
    const sparse = await this.#listers.roleBindings.sparse?.();
    const bindings = await (sparse?.below(namespace) ?? this.#listers.roleBindings.list(namespace));
    return this.#policyOf(bindings.filter(bindsOneOf(terms)), namespace);
  }

  async resolverOf(roleRefs: readonly RoleRef[], namespace: string): Promise<RoleRefResolver> {
    const read = async <T extends ClusterRole | Role>(
      kind: string,
      get: (name: string) => Promise<T | undefined>,
      of: string,
    ): Promise<Map<string, T>> => {
      const names = new Set(roleRefs.filter((roleRef) => roleRef.kind === kind).map(({ name }) => name));
      const roles = await Promise.all(
        [...names].map(async (name) => [`${of}/${name}`, await get(name)] as const),
      );
      return new Map(roles.flatMap(([key, role]) => (role === undefined ? [] : [[key, role] as const])));
    };
    const { clusterRoles, roles } = this.#listers;
    return resolverAmong(
      await read('ClusterRole', (name) => clusterRoles.get('', name), ''),
      namespace === '' ? undefined : await read('Role', (name) => roles.get(namespace, name), namespace),
      namespace,
    );
  }

  async #clusterPolicy(terms: readonly string[]): Promise<ScopePolicy> {
    const { clusterRoleBindings } = this.#listers;
    const sparse = await clusterRoleBindings.sparse?.();
    const bindings =
      (await sparse?.having(terms)) ??
      (await clusterRoleBindings.snapshot()).items.filter(bindsOneOf(new Set(terms)));
    return this.#policyOf(bindings, '');
  }

  async #policyOf(
    bindings: readonly (ClusterRoleBinding | RoleBinding)[],
    namespace: string,
  ): Promise<ScopePolicy> {
    const roleRefs = bindings.map(({ roleRef }) => roleRef);
    return new ScopePolicy(bindings, namespace, await this.resolverOf(roleRefs, namespace));
  }
}

function bindsOneOf(terms: ReadonlySet<string>): (binding: ClusterRoleBinding | RoleBinding) => boolean {
  return (binding) => subjectTerms(binding).some((term) => terms.has(term));
}

function nameOf({ name, groups }: UserInfo, namespace: string): string {
  return JSON.stringify([namespace, name, groups]);
}

/** Asked once, unless it failed. */
function once(scope: Scope): Scope {
  let policy: Promise<ScopePolicy> | undefined;
  return () => {
    policy ??= scope().catch((error: unknown) => {
      policy = undefined;
      throw error;
    });
    return policy;
  };
}

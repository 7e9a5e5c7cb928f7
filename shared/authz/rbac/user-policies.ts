/**
 * Policies made of the bindings that refer to one user, for when there are too many bindings and roles, or too few
 * requests, to read them all. For this user they decide as the policies of all bindings do.
 */

import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  RoleRef,
} from '../../apis/rbac/v1/types.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { DEFAULT_STALENESS_MS, type FoundObjects } from '../../rest/resource-access.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { once } from '../../util/once.ts';
import { type RoleRefResolver, ScopePolicy } from './policy.ts';
import { resolverAmong } from './role-refs.ts';
import type { RBACListers } from './rule-resolver.ts';
import { subjectTerms, termsOfGroups, termsOfUser } from './subject-terms.ts';

/** `prefetch`: see `Authorizer`. */
export type Scope = (prefetch?: () => void) => Promise<ScopePolicy>;

const MAX_REMEMBERED = 200;
/** Bindings of a namespace that are read before it is known whether they are needed. */
const FEW_BINDINGS = 16;
/** Up to this number of groups, their bindings are looked up together with those of the user. */
const FEW_GROUPS = 4;

export class UserPolicies {
  readonly #listers: RBACListers;
  readonly #remembered = new BoundedCache<string, readonly Scope[]>({ max: MAX_REMEMBERED });

  constructor(listers: RBACListers) {
    this.#listers = listers;
  }

  remembered(user: UserInfo, namespace: string): readonly Scope[] | undefined {
    return this.#remembered.get(nameOf(user, namespace));
  }

  /**
   * Bindings of the user by name are few; those of a large group may be many, so they come last. All lookups start at
   * once; the bindings and roles found are read scope by scope.
   */
  scopes(user: UserInfo, namespace: string): readonly Scope[] {
    const groupsAreFew = user.groups.length <= FEW_GROUPS;
    const ofGroups = once(() => this.#search(termsOfGroups(user)));
    const inNamespace = once(() => this.#fewIn(namespace));
    const own: Scope = once(async (prefetch) => {
      const found = this.#search(termsOfUser(user));
      if (namespace !== '') inNamespace().catch(ignored);
      if (groupsAreFew) ofGroups().catch(ignored);
      return this.#clusterPolicy(await found, termsOfUser(user), prefetch);
    });
    const groups: Scope = once(async (prefetch) =>
      this.#clusterPolicy(await ofGroups(), termsOfGroups(user), prefetch),
    );
    const ofNamespace: Scope = once(async (prefetch) =>
      this.namespacePolicy(user, namespace, { few: await inNamespace(), prefetch }),
    );
    const scopes = namespace === '' ? [own, groups] : [own, ofNamespace, groups];
    this.#remembered.set(nameOf(user, namespace), scopes, DEFAULT_STALENESS_MS);
    return scopes;
  }

  async clusterPolicy(user: UserInfo): Promise<ScopePolicy> {
    const terms = [...termsOfUser(user), ...termsOfGroups(user)];
    return this.#clusterPolicy(await this.#search(terms), terms);
  }

  /** `few`: the bindings of the namespace, if already read. */
  async namespacePolicy(
    user: UserInfo,
    namespace: string,
    {
      few,
      prefetch,
    }: { readonly few?: Bindings | undefined; readonly prefetch?: (() => void) | undefined } = {},
  ): Promise<ScopePolicy> {
    const terms = new Set([...termsOfUser(user), ...termsOfGroups(user)]);
    const { roleBindings } = this.#listers;
    const all =
      few ??
      (await (await roleBindings.sparse?.())?.below(namespace)) ??
      (await roleBindings.list(namespace));
    const bindings = all.filter(bindsOneOf(terms));
    if (bindings.length > 0) prefetch?.();
    return this.#policyOf(bindings, namespace);
  }

  /** `ahead`: cluster roles being read, by name. */
  async resolverOf(
    roleRefs: readonly RoleRef[],
    namespace: string,
    ahead?: ReadonlyMap<string, Promise<ClusterRole | undefined>>,
  ): Promise<RoleRefResolver> {
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
    const [ofCluster, ofNamespace] = await Promise.all([
      read('ClusterRole', (name) => ahead?.get(name) ?? clusterRoles.get('', name), ''),
      namespace === '' ? undefined : read('Role', (name) => roles.get(namespace, name), namespace),
    ]);
    return resolverAmong(ofCluster, ofNamespace, namespace);
  }

  /** Undefined if there is no index, so that a snapshot is required. */
  async #search(terms: readonly string[]): Promise<FoundObjects<ClusterRoleBinding> | undefined> {
    return (await this.#listers.clusterRoleBindings.sparse?.())?.having(terms);
  }

  /** The bindings of the namespace, if they are few. */
  async #fewIn(namespace: string): Promise<Bindings | undefined> {
    return (await this.#listers.roleBindings.sparse?.())?.below(namespace, FEW_BINDINGS);
  }

  /**
   * The policy of the bindings found for `terms`. Their roles are read concurrently with the bindings, using the index.
   */
  async #clusterPolicy(
    found: FoundObjects<ClusterRoleBinding> | undefined,
    terms: readonly string[],
    prefetch?: () => void,
  ): Promise<ScopePolicy> {
    const { clusterRoleBindings, clusterRoles } = this.#listers;
    if (found === undefined) {
      const { items } = await clusterRoleBindings.snapshot();
      return this.#policyOf(items.filter(bindsOneOf(new Set(terms))), '');
    }
    if (found.leads.length > 0) prefetch?.();
    const bindings = found.read();
    const ahead = new Map<string, Promise<ClusterRole | undefined>>();
    for (const name of new Set(found.leads)) {
      const role = clusterRoles.get('', name);
      role.catch(ignored);
      ahead.set(name, role);
    }
    return this.#policyOf(await bindings, '', ahead);
  }

  async #policyOf(
    bindings: Bindings,
    namespace: string,
    ahead?: ReadonlyMap<string, Promise<ClusterRole | undefined>>,
  ): Promise<ScopePolicy> {
    const roleRefs = bindings.map(({ roleRef }) => roleRef);
    return new ScopePolicy(bindings, namespace, await this.resolverOf(roleRefs, namespace, ahead));
  }
}

type Bindings = readonly (ClusterRoleBinding | RoleBinding)[];

/** For reads started early: the code that needs the result handles the error. */
const ignored = () => {};

function bindsOneOf(terms: ReadonlySet<string>): (binding: ClusterRoleBinding | RoleBinding) => boolean {
  return (binding) => subjectTerms(binding).some((term) => terms.has(term));
}

function nameOf({ name, groups }: UserInfo, namespace: string): string {
  return JSON.stringify([namespace, name, groups]);
}

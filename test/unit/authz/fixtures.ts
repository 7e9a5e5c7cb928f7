import type { AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import { type RBACListers, RBACRuleResolver } from '../../../shared/authz/rbac/rule-resolver.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { UserInfo } from '../../../shared/request/user-info.ts';
import type { ListerSnapshot, ResourceLister } from '../../../shared/rest/resource-access.ts';
import { listerSnapshot } from '../../fixtures/lister-snapshot.ts';

export function user(name: string, groups: readonly string[] = [], more: Partial<UserInfo> = {}): UserInfo {
  return { name, uid: '', groups, extra: {}, ...more };
}

/** A resource request; `resource` may include a subresource and a group: `pods/log`, `deployments.apps/scale`. */
export function attributes(
  who: UserInfo,
  verb: string,
  resource: string,
  more: Partial<AuthorizerAttributes> = {},
): AuthorizerAttributes {
  const [first = '', subresource = ''] = resource.split('/');
  const [name, ...group] = first.split('.');
  return {
    user: who,
    verb,
    isResourceRequest: true,
    namespace: '',
    apiGroup: group.join('.'),
    apiVersion: 'v1',
    resource: name!,
    subresource,
    name: '',
    path: '',
    ...more,
  };
}

export function nonResource(who: UserInfo, verb: string, path: string): AuthorizerAttributes {
  const base = attributes(who, verb, '');
  return { ...base, isResourceRequest: false, apiVersion: '', path };
}

/** A lister over objects in memory, which can be replaced. */
export class MemoryLister<T extends KubeObject> implements ResourceLister<T> {
  #snapshot: ListerSnapshot<T>;
  failure: Error | undefined;

  constructor(items: readonly T[] = []) {
    this.#snapshot = listerSnapshot(items);
  }

  get items(): readonly T[] {
    return this.#snapshot.items;
  }

  replace(...items: T[]): void {
    this.#snapshot = listerSnapshot(items, this.#snapshot.resourceVersion + 1);
  }

  async snapshot(): Promise<ListerSnapshot<T>> {
    if (this.failure) throw this.failure;
    return this.#snapshot;
  }

  async get(namespace: string, name: string): Promise<T | undefined> {
    return (await this.list(namespace)).find(({ metadata }) => metadata.name === name);
  }

  async list(namespace: string): Promise<readonly T[]> {
    const { items } = await this.snapshot();
    return namespace === '' ? items : items.filter(({ metadata }) => metadata.namespace === namespace);
  }

  async count(namespace: string): Promise<number> {
    return (await this.list(namespace)).length;
  }

  async replacedAt(): Promise<undefined> {}
}

export interface MemoryRBAC {
  readonly listers: { readonly [K in keyof RBACListers]: MemoryLister<Listed<RBACListers[K]>> };
  readonly resolver: RBACRuleResolver;
}
type Listed<L> = L extends ResourceLister<infer T> ? T : never;

export function memoryRBAC(
  objects: {
    readonly [K in keyof RBACListers]?: readonly Listed<RBACListers[K]>[];
  },
): MemoryRBAC {
  const listers = {
    roles: new MemoryLister(objects.roles),
    roleBindings: new MemoryLister(objects.roleBindings),
    clusterRoles: new MemoryLister(objects.clusterRoles),
    clusterRoleBindings: new MemoryLister(objects.clusterRoleBindings),
  };
  return { listers, resolver: new RBACRuleResolver(listers) };
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/rbac/rest/storage_rbac.go */

import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../apis/rbac/v1/types.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../../meta/status-error.ts';
import type { LoopbackClient, ResourceAccess } from '../../../rest/resource-access.ts';
import type { GroupVersionResource } from '../../../runtime/group-version.ts';
import type { BootstrapPolicy } from './policy.ts';
import { reconcileRole } from './reconcile-role.ts';
import { mustRecreate, reconcileRoleBinding } from './reconcile-role-binding.ts';

const GROUP = 'rbac.authorization.k8s.io';
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const ATTEMPTS = 3;

interface Reconciled<T> {
  readonly resource: string;
  readonly expected: readonly T[];
  readonly reconcile: (existing: T, expected: T) => T;
  readonly mustRecreate?: (existing: T, expected: T) => boolean;
}

async function ensureNamespace(client: LoopbackClient, name: string): Promise<void> {
  try {
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

async function ensureNamespaces(resources: ResourceAccess, names: ReadonlySet<string>): Promise<void> {
  const namespaces = resources.lister(NAMESPACES);
  for (const name of names) {
    if ((await namespaces.get('', name)) === undefined) await ensureNamespace(resources.client, name);
  }
}

/** Writes the object, retrying when concurrent starts of the server write the same one. */
async function write<T extends KubeObject>(
  client: LoopbackClient,
  { resource, reconcile, mustRecreate }: Reconciled<T>,
  pair: { existing: T | undefined; expected: T },
): Promise<boolean> {
  const { expected } = pair;
  const gvr: GroupVersionResource = { group: GROUP, version: 'v1', resource };
  const { name = '', namespace } = expected.metadata;
  let { existing } = pair;
  for (let attempt = 1; ; attempt++) {
    try {
      if (existing !== undefined && mustRecreate?.(existing, expected)) {
        await client.delete(gvr, { namespace, name });
        existing = undefined;
      }
      if (existing === undefined) {
        // The namespace existed a moment ago, so only retries create it again.
        if (namespace !== undefined && attempt > 1) await ensureNamespace(client, namespace);
        await client.create(gvr, expected, { namespace });
        return true;
      }
      const next = reconcile(existing, expected);
      if (isDeepStrictEqual(next, existing)) return false;
      // Listers return internal objects, so the version written is set here.
      const { apiVersion, kind } = expected;
      await client.update(gvr, { ...next, apiVersion, kind }, { namespace, name });
      return true;
    } catch (error) {
      const raced = isAlreadyExists(error) || isConflict(error) || isNotFound(error);
      if (!raced || attempt === ATTEMPTS) throw error;
      existing = await client.get<T>(gvr, { namespace, name }).catch((cause) => {
        if (isNotFound(cause)) return undefined;
        throw cause;
      });
    }
  }
}

async function reconcileAll<T extends KubeObject>(
  resources: ResourceAccess,
  all: Reconciled<T>,
): Promise<number> {
  const { items } = await resources.lister<T>({ group: GROUP, resource: all.resource }).snapshot(0);
  const keyOf = ({ metadata }: T) => `${metadata.namespace ?? ''}/${metadata.name}`;
  const existing = new Map(items.map((item) => [keyOf(item), item]));
  const missing = all.expected.filter((expected) => !existing.has(keyOf(expected)));
  await ensureNamespaces(resources, new Set(missing.flatMap(({ metadata }) => metadata.namespace ?? [])));
  // Concurrently: the storage batches concurrent writes, dozens of them in one call.
  const written = await Promise.all(
    all.expected.map((expected) =>
      write(resources.client, all, { existing: existing.get(keyOf(expected)), expected }),
    ),
  );
  return written.filter(Boolean).length;
}

/**
 * Creates the default roles and bindings and restores missing parts of them. Rules and subjects added by users are
 * kept, and objects annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` are not changed. Idempotent; costs
 * four reads if nothing needs to be written. Returns the number of objects written.
 */
export async function reconcileBootstrapPolicy(
  resources: ResourceAccess,
  policy: BootstrapPolicy,
): Promise<number> {
  const binding = { reconcile: reconcileRoleBinding, mustRecreate };
  let written = 0;
  written += await reconcileAll<ClusterRole>(resources, {
    resource: 'clusterroles',
    expected: policy.clusterRoles,
    reconcile: reconcileRole,
  });
  written += await reconcileAll<ClusterRoleBinding>(resources, {
    resource: 'clusterrolebindings',
    expected: policy.clusterRoleBindings,
    ...binding,
  });
  written += await reconcileAll<Role>(resources, {
    resource: 'roles',
    expected: policy.roles,
    reconcile: reconcileRole,
  });
  written += await reconcileAll<RoleBinding>(resources, {
    resource: 'rolebindings',
    expected: policy.roleBindings,
    ...binding,
  });
  return written;
}

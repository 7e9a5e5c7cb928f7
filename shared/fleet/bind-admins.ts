/** The cluster admins of a tenant: the users and groups that its `ControlPlane` names. */

import type { ClusterRoleBinding } from '../apis/rbac/v1/types.ts';
import { isAlreadyExists, isNotFound } from '../meta/status-error.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { equalJSON } from '../util/json-equal.ts';
import type { Admin } from './control-plane.ts';

const BINDINGS = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' };
const NAME = 'zeroplane:admins';
const GROUP = BINDINGS.group;

/**
 * Updates the tenant's admin ClusterRoleBinding to match `admins`. The server authenticates IAM admins itself; they
 * need no binding.
 */
export async function bindAdmins({ client }: ResourceAccess, admins: readonly Admin[]): Promise<void> {
  const subjects = admins.flatMap(({ user, group }) => [
    ...(user === undefined ? [] : [{ apiGroup: GROUP, kind: 'User', name: user }]),
    ...(group === undefined ? [] : [{ apiGroup: GROUP, kind: 'Group', name: group }]),
  ]);
  const former = await bindingOf(client);
  if (former === undefined && subjects.length === 0) return;
  if (former === undefined) {
    const binding: ClusterRoleBinding = {
      apiVersion: `${GROUP}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects,
    };
    await client.create(BINDINGS, binding).catch((error: unknown) => {
      // Another process created it first; the next sync compares.
      if (!isAlreadyExists(error)) throw error;
    });
    return;
  }
  const before = (former.subjects ?? []).map(({ kind, name }) => ({ kind, name }));
  if (
    equalJSON(
      before,
      subjects.map(({ kind, name }) => ({ kind, name })),
    )
  )
    return;
  await client.patch(BINDINGS, { subjects }, { name: NAME });
}

async function bindingOf(client: ResourceAccess['client']): Promise<ClusterRoleBinding | undefined> {
  try {
    return await client.get<ClusterRoleBinding>(BINDINGS, { name: NAME });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Who may do everything in a tenant: the users and groups that its `ControlPlane` names. */

import type { ClusterRoleBinding } from '../apis/rbac/v1/types.ts';
import { isAlreadyExists, isNotFound } from '../meta/status-error.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { equalJSON } from '../util/json-equal.ts';
import type { Admin } from './control-plane.ts';

const BINDINGS = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' };
const NAME = 'zeroplane:admins';
const GROUP = BINDINGS.group;

/** Brings the tenant's binding of its admins to what `admins` says; IAM's are the server's own to know. */
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
      // Somebody else was faster: the next look compares.
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

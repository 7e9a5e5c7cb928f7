/** Derives a tenant's directory entry from its object. */

import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { Quantity } from '../runtime/quantity.ts';
import type { ControlPlane } from './control-plane.ts';
import { Refusal } from './refusal.ts';
import { parseTenantArguments } from './tenant-arguments.ts';
import type { TenantDirectory, TenantEntry } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';
import type { TenantLimits } from './tenant-limits.ts';

/** Throws `Refusal` for arguments that no tenant may have. */
export async function desiredEntry(
  { metadata, spec }: ControlPlane,
  host: Pick<TenantHost, 'tableOf' | 'endpointOf'>,
  directory: Pick<TenantDirectory, 'read'>,
): Promise<TenantEntry> {
  const { namespace, name = '' } = metadata;
  const { signingAuthority: newest = 1, oldestAuthority: oldest = 1 } = spec;
  const version = spec.version === KUBERNETES_RELEASE.minor ? undefined : spec.version;
  try {
    await parseTenantArguments(spec.arguments, version);
  } catch (error) {
    const row = await directory.read(name);
    const isServed = row?.entry.id === idOf(metadata) && row.entry.state === 'Active';
    const meanwhile = isServed ? '\nrequests are served with the previous arguments' : '';
    throw new Refusal('InvalidArguments', `${(error as Error).message}${meanwhile}`);
  }
  const id = idOf(metadata);
  return {
    name,
    owner: `${namespace}/${name}`,
    id,
    state: spec.suspended ? 'Suspended' : 'Active',
    table: host.tableOf(id, spec.isolation),
    arguments: spec.arguments,
    ...(version && { version }),
    adminARNs: spec.admins.flatMap(({ iam }) => iam ?? []),
    endpoint: host.endpointOf(name),
    ...(spec.limits !== undefined && { limits: limitsOf(spec.limits) }),
    ...(newest > 1 && { authorities: { oldest, newest } }),
    ...(spec.deletionPolicy === 'Retain' && { isRetained: true }),
  };
}

function limitsOf({ storageBytes, ...limits }: NonNullable<ControlPlane['spec']['limits']>): TenantLimits {
  if (storageBytes === undefined) return limits;
  return { ...limits, storageBytes: Quantity.parse(String(storageBytes)).asNumber() };
}

/** Key prefix of the control plane, unique even among control planes with the same name. */
export function idOf({ name, uid = '' }: ControlPlane['metadata']): string {
  return `${name}.${uid.slice(0, 8)}`;
}

/** The directory's entry for a `ControlPlane`, as specified. */

import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import { Quantity } from '../runtime/quantity.ts';
import type { ControlPlane } from './control-plane.ts';
import type { SpecFiles } from './files-of-spec.ts';
import { Refusal } from './refusal.ts';
import { parseTenantArguments, type TenantChoice } from './tenant-arguments.ts';
import { CONFIGURATION_NAMES, NO_FILES, type TenantFiles } from './tenant-configuration.ts';
import type { TenantEntry } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';
import type { TenantLimits } from './tenant-limits.ts';

export interface DesiredEntryParts {
  readonly host: Pick<TenantHost, 'tableOf' | 'endpointOf'>;
  /** Of the management plane. */
  readonly client: Pick<LoopbackClient, 'get'>;
}

export interface Desired {
  readonly entry: TenantEntry;
  readonly files: TenantFiles;
}

/** Throws `Refusal` for arguments that no tenant may have, and for missing files; their content is not checked. */
export async function desiredEntry(
  object: ControlPlane,
  { host, client }: DesiredEntryParts,
): Promise<Desired> {
  const { metadata, spec } = object;
  const { name = '' } = metadata;
  const { signingAuthority: newest = 1, oldestAuthority: oldest = 1 } = spec;
  const version = spec.version === KUBERNETES_RELEASE.minor ? undefined : spec.version;
  const { files, digest } = await filesOf(object, client);
  await checkArguments({ arguments: spec.arguments, version, files });
  const id = idOf(metadata);
  const entry: TenantEntry = {
    name,
    owner: `${metadata.namespace}/${name}`,
    id,
    state: spec.suspended ? 'Suspended' : 'Active',
    table: host.tableOf(id, spec.isolation),
    arguments: spec.arguments,
    ...(version && { version }),
    adminARNs: spec.admins.flatMap(({ iam }) => iam ?? []),
    endpoint: host.endpointOf(name),
    ...(digest !== undefined && { files: digest }),
    ...(admitsAnonymous(files) && { allowsAnonymous: true }),
    ...(spec.limits !== undefined && { limits: limitsOf(spec.limits) }),
    ...(newest > 1 && { authorities: { oldest, newest } }),
    ...(spec.deletionPolicy === 'Retain' && { isRetained: true }),
  };
  return { entry, files };
}

/** Throws `Refusal`. */
async function checkArguments(choice: TenantChoice): Promise<void> {
  try {
    await parseTenantArguments(choice);
  } catch (error) {
    throw new Refusal('InvalidArguments', (error as Error).message);
  }
}

/** The code is loaded for control planes with configuration files only. */
async function filesOf(object: ControlPlane, client: DesiredEntryParts['client']): Promise<SpecFiles> {
  const { spec } = object;
  const isPlain = spec.files === undefined && CONFIGURATION_NAMES.every((name) => spec[name] === undefined);
  if (isPlain) return { files: NO_FILES, digest: undefined };
  return (await import('./files-of-spec.ts')).filesOfSpec(object, client);
}

function admitsAnonymous({ configurations: { authentication } }: TenantFiles): boolean {
  const { anonymous } = (authentication ?? {}) as { readonly anonymous?: { readonly enabled?: boolean } };
  return anonymous?.enabled === true;
}

function limitsOf({ storageBytes, ...limits }: NonNullable<ControlPlane['spec']['limits']>): TenantLimits {
  if (storageBytes === undefined) return limits;
  return { ...limits, storageBytes: Quantity.parse(String(storageBytes)).asNumber() };
}

/** Key prefix of the control plane, unique even among control planes with the same name. */
export function idOf({ name, uid = '' }: ControlPlane['metadata']): string {
  return `${name}.${uid.slice(0, 8)}`;
}

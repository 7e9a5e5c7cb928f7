/** The directory's entry for a `ControlPlane`, unless its specification is refused. */

import { formatFieldError } from '../meta/field-error.ts';
import { equalJSON } from '../util/json-equal.ts';
import type { ControlPlane } from './control-plane.ts';
import { type Desired, type DesiredEntryParts, desiredEntry, idOf } from './desired-entry.ts';
import { Refusal } from './refusal.ts';
import type { TenantEntry, TenantState } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';
import type { TenantRows } from './tenant-rows.ts';

export interface AcceptedEntryParts extends DesiredEntryParts {
  readonly host: DesiredEntryParts['host'] & Pick<TenantHost, 'retire'>;
  readonly rows: Pick<TenantRows, 'read' | 'put'>;
}

/** The effect of a refused specification, by state. */
const MEANWHILE: Partial<Record<TenantState, string>> = {
  Active: '\nrequests are served as last specified',
  Suspended: '\nrequests get 503, since the control plane is suspended',
};

/**
 * Throws `Refusal`. The control plane then remains as it was last specified, except that it is suspended if the
 * specification says so.
 */
export async function acceptedEntry(object: ControlPlane, parts: AcceptedEntryParts): Promise<Desired> {
  try {
    const desired = await desiredEntry(object, parts);
    // Admission has checked everything else.
    if (object.spec.files !== undefined) await checkFiles(desired, parts);
    return desired;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const meanwhile = MEANWHILE[await keepFormer(object, parts)] ?? '';
    throw new Refusal(error.reason, `${error.message}${meanwhile}`, error.retryAfterMs);
  }
}

/**
 * Throws `Refusal`. Files of a Secret may have changed since the object was admitted. Those that the directory already names have
 * been checked: a fleet that starts does not check them again.
 */
async function checkFiles({ entry, files }: Desired, { rows }: AcceptedEntryParts): Promise<void> {
  const row = await rows.read(entry.name);
  if (row !== undefined && equalJSON(choiceIn(row.entry), choiceIn(entry))) return;
  const { tenantFaults } = await import('./tenant-faults.ts');
  const { ofArguments, ofFields } = await tenantFaults({ ...entry, files });
  if (ofArguments.length > 0) throw new Refusal('InvalidArguments', ofArguments.join('\n'));
  if (ofFields.length > 0) {
    throw new Refusal('InvalidConfiguration', ofFields.map(formatFieldError).join('\n'));
  }
}

const choiceIn = ({ id, arguments: flags, version = '', files = '' }: TenantEntry) => ({
  id,
  flags,
  version,
  files,
});

/** Returns the resulting state. */
async function keepFormer(
  { metadata, spec }: ControlPlane,
  { rows, host }: AcceptedEntryParts,
): Promise<TenantState> {
  const row = await rows.read(metadata.name ?? '');
  if (row?.entry.id !== idOf(metadata)) return 'Starting';
  const { state } = row.entry;
  if (!spec.suspended || state !== 'Active') return state;
  const entry: TenantEntry = { ...row.entry, state: 'Suspended' };
  await rows.put(entry, row);
  await host.retire(entry);
  return entry.state;
}

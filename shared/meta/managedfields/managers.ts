/**
 * Converts the managers of fields between their API form (`metadata.managedFields`) and the one used for computation
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/managedfields.go).
 */

import { quote } from '../../runtime/go-format.ts';
import type { Pieces } from '../../util/breathe.ts';
import type { ManagedFieldsEntry } from '../v1/types.ts';
import { FieldSet, type FieldsV1 } from './field-set.ts';

export interface VersionedSet {
  readonly set: FieldSet;
  /** The version of the paths. */
  readonly apiVersion: string;
  readonly applied: boolean;
}

/** Keyed by manager identifier. */
export type Managers = Map<string, VersionedSet>;

export interface Managed {
  readonly fields: Managers;
  /** Time of each manager's last change, RFC 3339. */
  readonly times: Map<string, string>;
}

export const emptyManaged = (): Managed => ({ fields: new Map(), times: new Map() });

interface ManagerInfo {
  readonly manager?: string | undefined;
  readonly operation?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly subresource?: string | undefined;
}

/** Identifies a manager. An applier keeps its identity across versions; an updater has one per version. */
export function managerIdentifier({ manager, operation, apiVersion, subresource }: ManagerInfo): string {
  return JSON.stringify({
    ...(manager && { manager }),
    ...(operation && { operation }),
    ...(apiVersion && operation !== 'Apply' && { apiVersion }),
    ...(subresource && { subresource }),
  });
}

export const managerInfo = (identifier: string): ManagerInfo => JSON.parse(identifier) as ManagerInfo;

/** Throws for entries that a server can't have written. */
export function* decodeManagedFields(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
): Pieces<Managed> {
  const managed = emptyManaged();
  for (const [i, entry] of (entries ?? []).entries()) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      throw new Error('operation must be `Apply` or `Update`');
    }
    if (!entry.apiVersion) throw new Error('apiVersion must not be empty');
    if (!entry.fieldsType) throw new Error(`missing fieldsType in managed fields entry ${i}`);
    if (entry.fieldsType !== 'FieldsV1') {
      throw new Error(`invalid fieldsType ${quote(entry.fieldsType)} in managed fields entry ${i}`);
    }
    const identifier = managerIdentifier(entry);
    managed.fields.set(identifier, {
      set: yield* FieldSet.fromFieldsV1((entry.fieldsV1 ?? {}) as FieldsV1),
      apiVersion: entry.apiVersion,
      applied: entry.operation === 'Apply',
    });
    if (entry.time) managed.times.set(identifier, entry.time);
  }
  return managed;
}

/** Undefined if there are no managers. */
export function* encodeManagedFields({ fields, times }: Managed): Pieces<ManagedFieldsEntry[] | undefined> {
  if (fields.size === 0) return undefined;
  const entries: ManagedFieldsEntry[] = [];
  for (const [identifier, versioned] of fields) {
    const fieldsV1 = yield* versioned.set.toFieldsV1();
    entries.push(managerEntry(identifier, versioned, times.get(identifier), fieldsV1));
  }
  return entries.sort(compareManagers);
}

export function managerEntry(
  identifier: string,
  { apiVersion, applied }: Omit<VersionedSet, 'set'>,
  time: string | undefined,
  fieldsV1: FieldsV1,
): ManagedFieldsEntry {
  const { manager, operation, subresource } = managerInfo(identifier);
  return {
    ...(manager && { manager }),
    operation: applied ? 'Apply' : operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource && { subresource }),
  };
}

/** The order of entries in an object (upstream's sortEncodedManagedFields). */
export function compareManagers(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  const keys = (entry: ManagedFieldsEntry) => [
    entry.operation ?? '',
    entry.time ?? '',
    entry.manager ?? '',
    entry.apiVersion ?? '',
    entry.subresource ?? '',
  ];
  const [left, right] = [keys(a), keys(b)];
  const at = left.findIndex((key, i) => key !== right[i]);
  return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1;
}

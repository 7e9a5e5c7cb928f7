/**
 * Limits the number of updaters: merges the oldest into `ancient-changes`, one per version
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/capmanagers.go).
 */

import type { FieldSet } from './field-set.ts';
import { type Managed, managerIdentifier } from './managers.ts';

const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = 'ancient-changes';

export function capUpdateManagers(managed: Managed): Managed {
  const updaters = [...managed.fields].filter(([, { applied }]) => !applied).map(([manager]) => manager);
  let count = updaters.length;
  if (count <= MAX_UPDATE_MANAGERS) return managed;
  const fields = new Map(managed.fields);
  const times = new Map(managed.times);
  const timeOf = (manager: string): string => times.get(manager) ?? '';
  updaters.sort((a, b) => (timeOf(a) === timeOf(b) ? (a < b ? -1 : 1) : timeOf(a) < timeOf(b) ? -1 : 1));
  /**
   * Sets of a bucket that are still to be united. Uniting them one by one would process the accumulated set again for
   * each manager.
   */
  const pending = new Map<string, FieldSet[]>();
  const settle = (bucket: string): void => {
    const sets = pending.get(bucket);
    if (sets === undefined) return;
    pending.delete(bucket);
    fields.set(bucket, { ...fields.get(bucket)!, set: unionOf(sets) });
  };
  const firstOf = new Map<string, string>();
  for (const manager of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    settle(manager);
    const versioned = fields.get(manager)!;
    const { apiVersion } = versioned;
    const first = firstOf.get(apiVersion);
    if (first === undefined) {
      firstOf.set(apiVersion, manager);
      continue;
    }
    const bucket = managerIdentifier({ manager: ANCIENT, operation: 'Update', apiVersion });
    if (!fields.has(bucket)) {
      fields.set(bucket, fields.get(first)!);
      fields.delete(first);
    }
    const sets = pending.get(bucket) ?? [fields.get(bucket)!.set];
    pending.set(bucket, sets);
    sets.push(versioned.set);
    fields.set(bucket, versioned);
    if (manager === bucket) pending.delete(bucket);
    fields.delete(manager);
    count--;
    const time = times.get(manager);
    if (time !== undefined) times.set(bucket, time);
  }
  for (const bucket of [...pending.keys()]) settle(bucket);
  return { fields, times };
}

/** Unites by halves, so that each of n sets is processed log n times. */
function unionOf(sets: readonly FieldSet[]): FieldSet {
  if (sets.length === 1) return sets[0]!;
  const middle = sets.length >>> 1;
  return unionOf(sets.slice(0, middle)).union(unionOf(sets.slice(middle)));
}

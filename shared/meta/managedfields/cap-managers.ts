/**
 * Keeps the number of updaters small: the oldest are merged into `ancient-changes`, one for each version
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/capmanagers.go).
 */

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
  const firstOf = new Map<string, string>();
  for (const manager of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
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
    fields.set(bucket, { ...versioned, set: versioned.set.union(fields.get(bucket)!.set) });
    fields.delete(manager);
    count--;
    const time = times.get(manager);
    if (time !== undefined) times.set(bucket, time);
  }
  return { fields, times };
}

/** Lists of conditions (https://github.com/kubernetes/apimachinery/blob/master/pkg/api/meta/conditions.go). */

import { formatTime } from './time.ts';
import type { Condition } from './v1/types.ts';

export function findStatusCondition(
  conditions: readonly Condition[] | null | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Sets a condition in the list; the transition time only changes with the status. Returns whether anything changed. */
export function setStatusCondition(
  conditions: Condition[],
  condition: Omit<Condition, 'lastTransitionTime'> & { lastTransitionTime?: string },
): boolean {
  const now = condition.lastTransitionTime ?? formatTime(Date.now());
  const existing = conditions.find(({ type }) => type === condition.type);
  if (existing === undefined) {
    conditions.push({ ...condition, lastTransitionTime: now });
    return true;
  }
  const next = {
    ...condition,
    lastTransitionTime: existing.status === condition.status ? existing.lastTransitionTime : now,
  };
  const keys = ['status', 'reason', 'message', 'observedGeneration', 'lastTransitionTime'] as const;
  const changed = keys.some((key) => existing[key] !== next[key]);
  Object.assign(existing, next);
  return changed;
}

export function isStatusConditionTrue(
  conditions: readonly Condition[] | null | undefined,
  type: string,
): boolean {
  return findStatusCondition(conditions, type)?.status === 'True';
}

/**
 * Conditions of CustomResourceDefinitions
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apihelpers/helpers.go).
 */

import { formatTime } from '../../meta/time.ts';
import type { CustomResourceDefinitionCondition, CustomResourceDefinitionStatus } from './v1/types.ts';

export type DefinitionConditionType =
  | 'Established'
  | 'NamesAccepted'
  | 'NonStructuralSchema'
  | 'Terminating'
  | 'KubernetesAPIApprovalPolicyConformant';

/** A condition to set, without its transition time. */
export interface NewCondition {
  readonly type: DefinitionConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

type Status = Pick<CustomResourceDefinitionStatus, 'conditions'>;

export function findCondition(
  { conditions }: Status,
  type: DefinitionConditionType,
): CustomResourceDefinitionCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(status: Status, type: DefinitionConditionType): boolean {
  return findCondition(status, type)?.status === 'True';
}

/** Whether only times differ. */
export function isEquivalent(
  condition: NewCondition | undefined,
  old: CustomResourceDefinitionCondition | undefined,
): boolean {
  if (condition === undefined || old === undefined) return condition === old;
  return (
    condition.status === old.status &&
    condition.reason === (old.reason ?? '') &&
    condition.message === (old.message ?? '')
  );
}

/** Adds the condition or replaces it in place. `now` is in milliseconds since the epoch. */
export function setCondition(status: Status, condition: NewCondition, now: number): void {
  const existing = findCondition(status, condition.type);
  if (existing === undefined) {
    status.conditions = [...(status.conditions ?? []), { ...inOrder(condition, formatTime(now)) }];
    return;
  }
  const unchanged = existing.status === condition.status && existing.lastTransitionTime;
  Object.assign(existing, inOrder(condition, unchanged || formatTime(now)));
}

/** Fields in the order in which the API encodes them. */
function inOrder(
  { type, status, reason, message }: NewCondition,
  lastTransitionTime: string,
): CustomResourceDefinitionCondition {
  return { type, status, lastTransitionTime, reason, message };
}

export function removeCondition(status: Status, type: DefinitionConditionType): void {
  status.conditions = (status.conditions ?? []).filter((condition) => condition.type !== type);
}

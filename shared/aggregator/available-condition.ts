/** The condition that reports whether an APIService can be reached. */

import type { APIService, APIServiceCondition } from '../apis/apiregistration/v1/types.ts';
import { formatTime } from '../meta/time.ts';

const AVAILABLE = 'Available';

export type Availability = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

export const LOCAL_AVAILABLE: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

export function isAvailable({ status }: APIService): boolean {
  return status.conditions?.find(({ type }) => type === AVAILABLE)?.status === 'True';
}

/** Sets the condition; its transition time is kept while its status is unchanged. */
export function withAvailability(
  conditions: readonly APIServiceCondition[] | null | undefined,
  availability: Availability,
): APIServiceCondition[] {
  const others = (conditions ?? []).filter(({ type }) => type !== AVAILABLE);
  const old = conditions?.find(({ type }) => type === AVAILABLE);
  const lastTransitionTime =
    old?.status === availability.status && old.lastTransitionTime
      ? old.lastTransitionTime
      : formatTime(Date.now());
  return [...others, { type: AVAILABLE, ...availability, lastTransitionTime }];
}

import { formatTime } from '../../meta/time.ts';
import type { Pod, PodCondition, PodStatus } from './v1/types.ts';

/** Encoded as null, because clients expect the field. */
const NEVER_PROBED = { lastProbeTime: null };

/** Sets a condition; the transition time only changes with the status. */
export function updatePodCondition(
  status: PodStatus,
  condition: Omit<PodCondition, 'lastTransitionTime'>,
): void {
  const conditions = [...(status.conditions ?? [])];
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const old = conditions[index];
  const lastTransitionTime =
    old?.status === condition.status ? old.lastTransitionTime : formatTime(Date.now());
  const next = { ...NEVER_PROBED, ...condition, lastTransitionTime } as PodCondition;
  if (index < 0) conditions.push(next);
  else conditions[index] = next;
  status.conditions = conditions;
}

export function isPodReady({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** Whether no container of the pod is running or will run again. */
export function isPodTerminal({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

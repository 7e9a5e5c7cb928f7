import { formatTime } from '../../meta/time.ts';
import type { Pod, PodCondition, PodStatus } from './v1/types.ts';

/** Written even so, as all clients are used to it. */
const NEVER_PROBED = { lastProbeTime: null };

/** Sets a condition; the transition time moves only when the status does. */
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

/** Nothing of the pod runs any more, or will. */
export function isPodTerminal({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/** Terminates pods without a kubelet. */

import type { Node, Pod, PodCondition, PodStatus } from '../../apis/core/v1/types.ts';

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const DISRUPTION_TARGET = 'DisruptionTarget';

/** Whether the node is not ready, and a taint says that it is out of service. */
export function isOutOfService({ spec, status }: Node): boolean {
  const isReady =
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return !isReady && (spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false);
}

/** Sorts evicted pods first, then by age, oldest first. */
export function byEvictionAndCreation(a: Pod, b: Pod): number {
  const isEvicted = ({ status }: Pod) => status?.phase === 'Failed' && status.reason === 'Evicted';
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1;
  return (
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.name ?? '', b.metadata.name ?? '')
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Changes to the status of a pod that fails, because its node is gone (`isOrphaned`) or for another reason. */
export function failedStatus(
  { metadata, status }: Pod,
  { isOrphaned, now }: { readonly isOrphaned: boolean; readonly now: Date },
): Partial<PodStatus> {
  const { generation } = metadata;
  const observed = generation !== undefined && { observedGeneration: generation };
  if (!isOrphaned) return { phase: 'Failed', ...observed };
  const conditions = status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === DISRUPTION_TARGET);
  const condition: PodCondition = {
    type: DISRUPTION_TARGET,
    ...observed,
    status: 'True',
    lastTransitionTime:
      before?.status === 'True' && before.lastTransitionTime !== undefined
        ? before.lastTransitionTime
        : now.toISOString().replace(/\.\d+/, ''),
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  };
  return {
    phase: 'Failed',
    ...observed,
    conditions: before
      ? conditions.map((one) => (one === before ? condition : one))
      : [...conditions, condition],
  };
}

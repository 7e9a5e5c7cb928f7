/**
 * Conditions of a namespace that is being emptied
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/namespace/deletion/status_condition_utils.go).
 */

import type { NamespaceCondition } from '../../apis/core/v1/types.ts';
import { formatTime } from '../../meta/time.ts';

interface Fine {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** The conditions in order, with their values in the absence of problems. */
const CONDITIONS: readonly Fine[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  {
    type: 'NamespaceDeletionContentFailure',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
  {
    type: 'NamespaceContentRemaining',
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  },
  {
    type: 'NamespaceFinalizersRemaining',
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  },
];

/** Result of an attempt to empty a namespace. Counts are by `pods.` or `deployments.apps`, and by finalizer. */
export interface DeletionReport {
  readonly discoveryError?: string | undefined;
  readonly errors: readonly string[];
  readonly remaining: ReadonlyMap<string, number>;
  readonly finalizers: ReadonlyMap<string, number>;
}

const counted = (counts: ReadonlyMap<string, number>, verb: string): string =>
  [...counts]
    .map(([name, count]) => `${name} ${verb} ${count} resource instances`)
    .sort()
    .join(', ');

function problems(report: DeletionReport): ReadonlyMap<string, { reason: string; message: string }> {
  const found = new Map<string, { reason: string; message: string }>();
  if (report.discoveryError !== undefined) {
    found.set('NamespaceDeletionDiscoveryFailure', {
      reason: 'DiscoveryFailed',
      message: report.discoveryError,
    });
  }
  if (report.errors.length > 0) {
    const message = `Failed to delete all resource types, ${report.errors.length} remaining: ${[...report.errors].sort().join(', ')}`;
    found.set('NamespaceDeletionContentFailure', { reason: 'ContentDeletionFailed', message });
  }
  if (report.remaining.size > 0) {
    const message = `Some resources are remaining: ${counted(report.remaining, 'has')}`;
    found.set('NamespaceContentRemaining', { reason: 'SomeResourcesRemain', message });
  }
  if (report.finalizers.size > 0) {
    const message = `Some finalizers are remaining: ${counted(report.finalizers, 'in')}`;
    found.set('NamespaceFinalizersRemaining', { reason: 'SomeFinalizersRemain', message });
  }
  return found;
}

/** The conditions after a report; undefined if they are unchanged. */
export function updatedConditions(
  current: readonly NamespaceCondition[],
  report: DeletionReport,
  now: number,
): NamespaceCondition[] | undefined {
  const found = problems(report);
  let hasChanged = false;
  const next = [...current];
  for (const fine of CONDITIONS) {
    const problem = found.get(fine.type);
    const { reason, message } = problem ?? fine;
    const status = problem === undefined ? 'False' : 'True';
    const at = next.findIndex(({ type }) => type === fine.type);
    const old = next[at];
    if (old?.status === status && old.reason === reason && old.message === message) continue;
    hasChanged = true;
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(now);
    const condition: NamespaceCondition = { type: fine.type, status, lastTransitionTime, reason, message };
    if (at < 0) next.push(condition);
    else next[at] = condition;
  }
  return hasChanged ? next : undefined;
}

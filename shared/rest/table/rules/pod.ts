/** Cells of pods (upstream's printPod). */

import type { ContainerStatus, Pod } from '../../../apis/core/v1/types.ts';
import { highest } from '../../../util/extremes.ts';
import { Age } from '../age.ts';
import { type CellSource, NONE, type RowCondition, rule } from '../cell.ts';

const TERMINAL = new Set(['Succeeded', 'Failed']);

const isConditionTrue = (pod: Pod, type: string): boolean =>
  (pod.status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');

/** Names of init containers that keep running beside the main containers. */
function restartableInitContainers(pod: Pod): Set<string> {
  const containers = pod.spec.initContainers ?? [];
  return new Set(
    containers.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
}

interface Summary {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  /** Milliseconds since the epoch; 0 = never. */
  lastRestart: number;
}

const finishedAt = (status: ContainerStatus): number =>
  Date.parse(status.lastState?.terminated?.finishedAt ?? '') || 0;

function terminatedReason(terminated: {
  reason?: string | undefined;
  signal?: number | undefined;
  exitCode: number;
}): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function summarize(pod: Pod): Summary {
  const sidecars = restartableInitContainers(pod);
  const summary: Summary = {
    reason: pod.status.reason || pod.status.phase || '',
    ready: 0,
    total: (pod.spec.containers ?? []).length + sidecars.size,
    restarts: 0,
    lastRestart: 0,
  };
  const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') summary.reason = 'SchedulingGated';

  const initializing = summarizeInit(pod, sidecars, summary);
  if (!initializing || isConditionTrue(pod, 'Initialized'))
    summarizeContainers(pod, sidecars, summary, initializing);

  if (pod.metadata.deletionTimestamp) {
    if (pod.status.reason === 'NodeLost') summary.reason = 'Unknown';
    else if (!TERMINAL.has(pod.status.phase ?? '')) summary.reason = 'Terminating';
  }
  return summary;
}

/** Returns whether init containers are still running; if so, the restart counts are theirs. */
function summarizeInit(pod: Pod, sidecars: Set<string>, summary: Summary): boolean {
  const statuses = pod.status.initContainerStatuses ?? [];
  const count = (pod.spec.initContainers ?? []).length;
  for (const [i, status] of statuses.entries()) {
    summary.restarts += status.restartCount;
    summary.lastRestart = Math.max(summary.lastRestart, finishedAt(status));
    const { terminated, waiting } = status.state ?? {};
    if (terminated && terminated.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    if (terminated) summary.reason = `Init:${terminatedReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing')
      summary.reason = `Init:${waiting.reason}`;
    else summary.reason = `Init:${i}/${count}`;
    return true;
  }
  return false;
}

function summarizeContainers(pod: Pod, sidecars: Set<string>, summary: Summary, initializing: boolean): void {
  if (!initializing) {
    const beside = (pod.status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
    summary.restarts = beside.reduce((sum, { restartCount }) => sum + restartCount, 0);
    summary.lastRestart = highest(beside.map(finishedAt), 0);
  }
  let hasRunning = false;
  let errorReason = '';
  for (const status of [...(pod.status.containerStatuses ?? [])].reverse()) {
    summary.restarts += status.restartCount;
    summary.lastRestart = Math.max(summary.lastRestart, finishedAt(status));
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) {
      summary.reason = terminatedReason(terminated);
      if (terminated.exitCode !== 0) errorReason = summary.reason;
    } else if (status.ready && running) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason !== 'Completed') return;
  if (hasRunning && isConditionTrue(pod, 'Ready')) summary.reason = 'Running';
  else if (errorReason !== '') summary.reason = errorReason;
  else if (hasRunning) summary.reason = 'NotReady';
}

function formatRestarts({ restarts, lastRestart }: Summary): CellSource {
  if (restarts === 0 || lastRestart === 0) return String(restarts);
  return new Age(lastRestart, `${restarts} (`, ' ago)');
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  return `${gates.filter(({ conditionType }) => isConditionTrue(pod, conditionType)).length}/${gates.length}`;
}

const FINISHED: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

/** The conditions of a pod's row: whether it has finished. */
export function podRowConditions({ status }: Pod): RowCondition[] | undefined {
  const message = Object.hasOwn(FINISHED, status?.phase ?? '') ? FINISHED[status.phase!] : undefined;
  if (message === undefined) return undefined;
  return [{ type: 'Completed', status: 'True', reason: status.phase!, message }];
}

export const podRules = {
  'pod.ready': rule<Pod>((pod) => {
    const { ready, total } = summarize(pod);
    return `${ready}/${total}`;
  }),
  'pod.status': rule<Pod>((pod) => summarize(pod).reason),
  'pod.restarts': rule<Pod>((pod) => formatRestarts(summarize(pod))),
  'pod.readinessGates': rule<Pod>(readinessGates),
};

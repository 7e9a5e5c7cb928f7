/** Cells of workloads: jobs, cron jobs, stateful sets, autoscalers, revisions. */

import type { ControllerRevision, StatefulSet } from '../../../apis/apps/v1/types.ts';
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../../apis/autoscaling/v2/types.ts';
import type { CronJob, Job } from '../../../apis/batch/v1/types.ts';
import { age } from '../age.ts';
import { type CellSource, NONE, rule, UNKNOWN, UNSET } from '../cell.ts';
import { humanDuration } from '../human-duration.ts';

function jobStatus(job: Job): string {
  const has = (type: string) =>
    (job.status.conditions ?? []).some((c) => c.type === type && c.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  if (has('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function jobCompletions({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job): CellSource {
  if (!status.startTime) return '';
  if (!status.completionTime) return age(status.startTime);
  return humanDuration(Date.parse(status.completionTime) - Date.parse(status.startTime));
}

function formatValue(current: MetricValueStatus | undefined, target: MetricTarget): string {
  if (target.averageUtilization !== undefined) {
    const now = current?.averageUtilization;
    return `${now === undefined ? UNKNOWN : `${now}%`}/${target.averageUtilization}%`;
  }
  if (target.averageValue !== undefined) {
    return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  }
  return `${current?.value ?? UNKNOWN}/${target.value ?? UNKNOWN}`;
}

/** The name and values of a metric, by its type. */
function formatMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  const average = (target: MetricTarget) => (target.averageValue === undefined ? '' : ' (avg)');
  switch (spec.type) {
    case 'External':
      return spec.external
        ? formatValue(status?.external?.current, spec.external.target) + average(spec.external.target)
        : UNKNOWN;
    case 'Pods':
      return spec.pods ? formatValue(status?.pods?.current, spec.pods.target) : UNKNOWN;
    case 'Object':
      return spec.object
        ? formatValue(status?.object?.current, spec.object.target) + average(spec.object.target)
        : UNKNOWN;
    case 'Resource':
      return spec.resource
        ? `${spec.resource.name}: ${formatValue(status?.resource?.current, spec.resource.target)}`
        : UNKNOWN;
    case 'ContainerResource':
      return spec.containerResource
        ? `${spec.containerResource.name}: ${formatValue(status?.containerResource?.current, spec.containerResource.target)}`
        : UNKNOWN;
    default:
      return '<unknown type>';
  }
}

function hpaTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return NONE;
  const shown = metrics.slice(0, 2).map((metric, i) => formatMetric(metric, status?.currentMetrics?.[i]));
  return metrics.length > 2 ? `${shown.join(', ')} + ${metrics.length - 2} more...` : shown.join(', ');
}

function revisionController({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller);
  if (owner === undefined) return NONE;
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export const workloadRules = {
  'job.status': rule<Job>(jobStatus),
  'job.completions': rule<Job>(jobCompletions),
  'job.duration': rule<Job>(jobDuration),
  'cronJob.suspend': rule<CronJob>(({ spec }) =>
    spec.suspend === undefined ? UNSET : spec.suspend ? 'True' : 'False',
  ),
  'workload.ready': rule<StatefulSet>(
    ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  ),
  'hpa.reference': rule<HorizontalPodAutoscaler>(
    ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
  ),
  'hpa.targets': rule<HorizontalPodAutoscaler>(hpaTargets),
  'controllerRevision.controller': rule<ControllerRevision>(revisionController),
};

import { compact } from '../../../util/compact.ts';
import {
  CONDITIONS,
  CURRENT_METRICS,
  dropRoundTripAnnotations,
  METRICS,
  readBehavior,
  readListAnnotation,
  writeAnnotation,
  writeBehavior,
} from '../annotations.ts';
import {
  flattenMetricSpec,
  flattenMetricStatus,
  unflattenMetricSpec,
  unflattenMetricStatus,
} from '../flat-metrics.ts';
import type * as v2 from '../v2/types.ts';
import type { MetricSpec, MetricStatus } from '../v2beta1/types.ts';
import type { HorizontalPodAutoscaler } from './types.ts';

const DEFAULT_CPU_UTILIZATION = 80;

const cpuSpec = (averageUtilization: number): v2.MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

const cpuStatus = (averageUtilization: number): v2.MetricStatus => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization } },
});

/** The value for `targetCPUUtilizationPercentage`. */
function cpuUtilization({ type, resource }: v2.MetricSpec): number | undefined {
  if (type !== 'Resource' || resource?.name !== 'cpu') return undefined;
  return resource.target.averageUtilization;
}

/** The CPU target comes last, after the metrics in annotations. */
function metricsOf(hpa: HorizontalPodAutoscaler): v2.MetricSpec[] {
  const { targetCPUUtilizationPercentage: target } = hpa.spec;
  const others = readListAnnotation<MetricSpec>(hpa.metadata, METRICS)?.map(unflattenMetricSpec) ?? [];
  const metrics = target === undefined ? others : [...others, cpuSpec(target)];
  return metrics.length > 0 ? metrics : [cpuSpec(DEFAULT_CPU_UTILIZATION)];
}

function currentMetricsOf(hpa: HorizontalPodAutoscaler): v2.MetricStatus[] | null {
  const { currentCPUUtilizationPercentage: current } = hpa.status;
  const all = readListAnnotation<MetricStatus>(hpa.metadata, CURRENT_METRICS);
  if (all !== undefined) return all.map(unflattenMetricStatus);
  return current === undefined ? null : [cpuStatus(current)];
}

export function horizontalPodAutoscalerToInternal(hpa: HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { metadata, spec, status } = hpa;
  const hub: v2.HorizontalPodAutoscaler = {
    metadata,
    spec: compact({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      metrics: metricsOf(hpa),
      behavior: readBehavior(metadata),
    }),
    status: compact({
      observedGeneration: status.observedGeneration,
      lastScaleTime: status.lastScaleTime,
      // The hub omits zero.
      currentReplicas: status.currentReplicas || undefined,
      desiredReplicas: status.desiredReplicas,
      currentMetrics: currentMetricsOf(hpa),
      conditions: readListAnnotation<v2.HorizontalPodAutoscalerCondition>(metadata, CONDITIONS),
    }),
  };
  dropRoundTripAnnotations(metadata);
  return hub;
}

export function horizontalPodAutoscalerFromInternal(
  hub: v2.HorizontalPodAutoscaler,
): HorizontalPodAutoscaler {
  const { metadata, spec, status } = hub;
  dropRoundTripAnnotations(metadata);
  const others = spec.metrics?.filter((metric) => cpuUtilization(metric) === undefined) ?? [];
  if (others.length > 0) writeAnnotation(metadata, METRICS, others.map(flattenMetricSpec));
  const current = status.currentMetrics ?? [];
  if (current.length > 0) writeAnnotation(metadata, CURRENT_METRICS, current.map(flattenMetricStatus));
  if (spec.behavior !== undefined) writeBehavior(metadata, spec.behavior);
  if (status.conditions?.length) writeAnnotation(metadata, CONDITIONS, status.conditions);
  return {
    metadata,
    spec: compact({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      targetCPUUtilizationPercentage: spec.metrics?.map(cpuUtilization).find((value) => value !== undefined),
    }),
    status: compact({
      observedGeneration: status.observedGeneration,
      lastScaleTime: status.lastScaleTime,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas,
      currentCPUUtilizationPercentage: current
        .filter(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
        .map(({ resource }) => resource!.current.averageUtilization)
        .findLast((value) => value !== undefined),
    }),
  };
}

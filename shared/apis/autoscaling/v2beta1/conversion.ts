import { compact } from '../../../util/compact.ts';
import { dropRoundTripAnnotations, readBehavior, writeBehavior } from '../annotations.ts';
import { withoutGenerations } from '../conditions.ts';
import {
  flattenMetricSpec,
  flattenMetricStatus,
  unflattenMetricSpec,
  unflattenMetricStatus,
} from '../flat-metrics.ts';
import type * as v2 from '../v2/types.ts';
import type { HorizontalPodAutoscaler } from './types.ts';

export function horizontalPodAutoscalerToInternal(hpa: HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { metadata, spec, status } = hpa;
  const hub: v2.HorizontalPodAutoscaler = {
    metadata,
    spec: compact({
      ...spec,
      metrics: spec.metrics?.map(unflattenMetricSpec),
      behavior: readBehavior(metadata),
    }),
    status: compact({
      ...status,
      // The hub omits zero.
      currentReplicas: status.currentReplicas || undefined,
      currentMetrics: status.currentMetrics?.map(unflattenMetricStatus) ?? null,
      conditions: status.conditions ?? undefined,
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
  const { behavior, metrics, ...rest } = spec;
  if (behavior !== undefined) writeBehavior(metadata, behavior);
  return {
    metadata,
    spec: compact({ ...rest, metrics: metrics?.map(flattenMetricSpec) }),
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      currentMetrics: status.currentMetrics?.map(flattenMetricStatus) ?? null,
      conditions: withoutGenerations(status.conditions),
    },
  };
}

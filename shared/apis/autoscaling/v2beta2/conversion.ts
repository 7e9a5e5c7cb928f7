import { compact } from '../../../util/compact.ts';
import { dropRoundTripAnnotations } from '../annotations.ts';
import { withoutGenerations } from '../conditions.ts';
import type * as v2 from '../v2/types.ts';
import type { HorizontalPodAutoscaler } from './types.ts';

export function horizontalPodAutoscalerToInternal(hpa: HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { metadata, spec, status } = hpa;
  dropRoundTripAnnotations(metadata);
  // The hub omits zero.
  const currentReplicas = status.currentReplicas || undefined;
  const conditions = status.conditions ?? undefined;
  return { metadata, spec, status: compact({ ...status, currentReplicas, conditions }) };
}

/** This version lacks the tolerance of scaling rules and observedGeneration of conditions. */
export function horizontalPodAutoscalerFromInternal(
  hub: v2.HorizontalPodAutoscaler,
): HorizontalPodAutoscaler {
  const { metadata, spec, status } = hub;
  dropRoundTripAnnotations(metadata);
  delete spec.behavior?.scaleUp?.tolerance;
  delete spec.behavior?.scaleDown?.tolerance;
  const { currentReplicas = 0, conditions } = status;
  return {
    metadata,
    spec,
    status: { ...status, currentReplicas, conditions: withoutGenerations(conditions) },
  };
}

import type { HorizontalPodAutoscalerCondition } from './v2/types.ts';

/** Conditions in the beta versions, which lack observedGeneration. */
export function withoutGenerations(
  conditions: readonly HorizontalPodAutoscalerCondition[] | null | undefined,
): Omit<HorizontalPodAutoscalerCondition, 'observedGeneration'>[] | null {
  return conditions?.map(({ observedGeneration, ...condition }) => condition) ?? null;
}

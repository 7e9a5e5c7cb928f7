import type { HorizontalPodAutoscalerCondition } from './v2/types.ts';

/** Conditions as the betas have them: which generation they are of came later. */
export function withoutGenerations(
  conditions: readonly HorizontalPodAutoscalerCondition[] | null | undefined,
): Omit<HorizontalPodAutoscalerCondition, 'observedGeneration'>[] | null {
  return conditions?.map(({ observedGeneration, ...condition }) => condition) ?? null;
}

import type { HorizontalPodAutoscaler } from './types.ts';

export function setHorizontalPodAutoscalerDefaults({ spec }: HorizontalPodAutoscaler): void {
  if (spec.metrics?.length) return;
  spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 80 } }];
}

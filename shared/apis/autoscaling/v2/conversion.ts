import { dropRoundTripAnnotations } from '../annotations.ts';
import type { HorizontalPodAutoscaler } from './types.ts';

/** Both ways: annotations that only older versions need never show. */
export function convertHorizontalPodAutoscaler(hpa: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  dropRoundTripAnnotations(hpa.metadata);
  return hpa;
}

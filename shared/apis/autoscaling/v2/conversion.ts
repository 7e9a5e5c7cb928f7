import { dropRoundTripAnnotations } from '../annotations.ts';
import type { HorizontalPodAutoscaler } from './types.ts';

/** For both directions: drops annotations that only older versions need. */
export function convertHorizontalPodAutoscaler(hpa: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  dropRoundTripAnnotations(hpa.metadata);
  return hpa;
}

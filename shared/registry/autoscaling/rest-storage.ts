import { groupStorage, storedResource } from '../generic/group-storage.ts';
import {
  horizontalPodAutoscalerStatusStrategy,
  horizontalPodAutoscalerStrategy,
} from './horizontalpodautoscaler/strategy.ts';

export const autoscalingStorage = groupStorage('autoscaling', {
  horizontalpodautoscalers: storedResource({
    version: 'v2',
    strategy: horizontalPodAutoscalerStrategy,
    status: horizontalPodAutoscalerStatusStrategy,
  }),
});

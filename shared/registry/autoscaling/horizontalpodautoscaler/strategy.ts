import type { HorizontalPodAutoscaler } from '../../../apis/autoscaling/v2/types.ts';
import {
  validateHorizontalPodAutoscaler,
  validateHorizontalPodAutoscalerStatus,
} from '../../../apis/autoscaling/validation/horizontal-pod-autoscaler.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['autoscaling/v1', 'autoscaling/v2'];

export const horizontalPodAutoscalerStrategy: RESTStrategy<HorizontalPodAutoscaler> = {
  kind: { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = { desiredReplicas: 0, currentMetrics: null };
  },
  validate: (_context, autoscaler) => validateHorizontalPodAutoscaler(autoscaler),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: (_context, autoscaler, old) => validateHorizontalPodAutoscaler(autoscaler, old),
};

export const horizontalPodAutoscalerStatusStrategy: RESTStrategy<HorizontalPodAutoscaler> = {
  ...horizontalPodAutoscalerStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: (_context, autoscaler) => validateHorizontalPodAutoscalerStatus(autoscaler),
};

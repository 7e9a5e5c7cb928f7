import type { HorizontalPodAutoscaler } from '../../../apis/autoscaling/v2/types.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/autoscaling/validation/horizontal-pod-autoscaler.ts'));

const GATED: GatedPaths = { HPAConfigurableTolerance: ['spec.behavior.(scaleDown|scaleUp).tolerance'] };
const API_VERSIONS = ['autoscaling/v1', 'autoscaling/v2'];

export const horizontalPodAutoscalerStrategy: RESTStrategy<HorizontalPodAutoscaler> = {
  kind: { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields: dropping(GATED),
  prepareForCreate({ featureEnabled }, object) {
    object.status = { desiredReplicas: 0, currentMetrics: null };
    if (featureEnabled('HPAGeneration')) object.metadata.generation = 1;
  },
  validate: async ({ featureEnabled }, autoscaler) =>
    (await loadRules()).validateHorizontalPodAutoscaler(autoscaler, featureEnabled('HPAScaleToZero')),
  prepareForUpdate({ featureEnabled }, object, old) {
    object.status = old.status;
    if (!featureEnabled('HPAGeneration') || semanticDeepEqual(object.spec, old.spec)) return;
    raiseGeneration(object, old);
  },
  validateUpdate: async ({ featureEnabled }, autoscaler, old) =>
    (await loadRules()).validateHorizontalPodAutoscaler(autoscaler, featureEnabled('HPAScaleToZero'), old),
};

export const horizontalPodAutoscalerStatusStrategy: RESTStrategy<HorizontalPodAutoscaler> = {
  ...horizontalPodAutoscalerStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, autoscaler) =>
    (await loadRules()).validateHorizontalPodAutoscalerStatus(autoscaler),
};

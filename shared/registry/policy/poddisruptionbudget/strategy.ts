import type { PodDisruptionBudget } from '../../../apis/policy/v1/types.ts';
import {
  validatePodDisruptionBudget,
  validatePodDisruptionBudgetStatus,
} from '../../../apis/policy/validation/pod-disruption-budget.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['policy/v1beta1', 'policy/v1'];

export const podDisruptionBudgetStrategy: RESTStrategy<PodDisruptionBudget> = {
  kind: { group: 'policy', kind: 'PodDisruptionBudget' },
  namespaced: true,
  validateName: nameIsPathSegment,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    object.metadata.generation = 1;
  },
  validate: (_context, budget) => validatePodDisruptionBudget(budget),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: (_context, budget, old) => validatePodDisruptionBudget(budget, old),
};

export const podDisruptionBudgetStatusStrategy: RESTStrategy<PodDisruptionBudget> = {
  ...podDisruptionBudgetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: ({ requestInfo }, budget) =>
    validatePodDisruptionBudgetStatus(budget, requestInfo.apiVersion),
};

import type { PodDisruptionBudget } from '../../../apis/policy/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/policy/validation/pod-disruption-budget.ts'));

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
  validate: async (_context, budget) => (await loadRules()).validatePodDisruptionBudget(budget),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (_context, budget, old) =>
    (await loadRules()).validatePodDisruptionBudget(budget, old),
};

export const podDisruptionBudgetStatusStrategy: RESTStrategy<PodDisruptionBudget> = {
  ...podDisruptionBudgetStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async ({ requestInfo }, budget) =>
    (await loadRules()).validatePodDisruptionBudgetStatus(budget, requestInfo.apiVersion),
};

import type { PriorityClass } from '../../../apis/scheduling/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/scheduling/validation/priority-class.ts'));

export const priorityClassStrategy: RESTStrategy<PriorityClass> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PriorityClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, { metadata }) {
    metadata.generation = 1;
  },
  validate: async (_context, priorityClass) => (await loadRules()).validatePriorityClass(priorityClass),
  validateUpdate: async (_context, priorityClass, old) =>
    (await loadRules()).validatePriorityClassUpdate(priorityClass, old),
};

import type { PriorityClass } from '../../../apis/scheduling/v1/types.ts';
import {
  validatePriorityClass,
  validatePriorityClassUpdate,
} from '../../../apis/scheduling/validation/priority-class.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const priorityClassStrategy: RESTStrategy<PriorityClass> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PriorityClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, { metadata }) {
    metadata.generation = 1;
  },
  validate: (_context, priorityClass) => validatePriorityClass(priorityClass),
  validateUpdate: (_context, priorityClass, old) => validatePriorityClassUpdate(priorityClass, old),
};

import type { PriorityClass } from '../../../apis/scheduling/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const priorityClassStrategy: RESTStrategy<PriorityClass> = {
  kind: { group: 'scheduling.k8s.io', kind: 'PriorityClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
};

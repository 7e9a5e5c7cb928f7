import type { RuntimeClass } from '../../../apis/node/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const runtimeClassStrategy: RESTStrategy<RuntimeClass> = {
  kind: { group: 'node.k8s.io', kind: 'RuntimeClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
};

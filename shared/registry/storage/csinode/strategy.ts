import type { CSINode } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const csiNodeStrategy: RESTStrategy<CSINode> = {
  kind: { group: 'storage.k8s.io', kind: 'CSINode' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
};

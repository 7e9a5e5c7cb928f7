import type { EndpointSlice } from '../../../apis/discovery/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const endpointSliceStrategy: RESTStrategy<EndpointSlice> = {
  kind: { group: 'discovery.k8s.io', kind: 'EndpointSlice' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
};

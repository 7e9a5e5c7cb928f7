import type { IPAddress } from '../../../apis/networking/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const ipAddressStrategy: RESTStrategy<IPAddress> = {
  kind: { group: 'networking.k8s.io', kind: 'IPAddress' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
};

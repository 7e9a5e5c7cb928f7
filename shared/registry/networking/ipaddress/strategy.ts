import type { IPAddress } from '../../../apis/networking/v1/types.ts';
import {
  validateIPAddress,
  validateIPAddressName,
  validateIPAddressUpdate,
} from '../../../apis/networking/validation/ip-address.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const ipAddressStrategy: RESTStrategy<IPAddress> = {
  kind: { group: 'networking.k8s.io', kind: 'IPAddress' },
  declared: { type: 'IPAddress', load: loadDeclaredRules },
  namespaced: false,
  validateName: validateIPAddressName,
  validate: (_context, address) => validateIPAddress(address),
  validateUpdate: (_context, address, old) => validateIPAddressUpdate(address, old),
};

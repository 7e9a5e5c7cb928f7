import type { RoleBinding } from '../../../apis/rbac/v1/types.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const roleBindingStrategy: RESTStrategy<RoleBinding> = {
  kind: { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' },
  namespaced: true,
  validateName: nameIsPathSegment,
  allowCreateOnUpdate: true,
};

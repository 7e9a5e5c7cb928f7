import type { Role } from '../../../apis/rbac/v1/types.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const roleStrategy: RESTStrategy<Role> = {
  kind: { group: 'rbac.authorization.k8s.io', kind: 'Role' },
  namespaced: true,
  validateName: nameIsPathSegment,
  allowCreateOnUpdate: true,
};

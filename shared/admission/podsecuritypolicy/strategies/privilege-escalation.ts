import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Whether processes may gain more privileges than their parent. */
export const privilegeEscalation: StrategyFactory = ({ spec }) => {
  const allowed = spec.allowPrivilegeEscalation !== false;
  const value = spec.defaultAllowPrivilegeEscalation ?? (allowed ? undefined : false);
  return {
    defaultContainer(_pod, container) {
      if (value === undefined || container.securityContext?.allowPrivilegeEscalation !== undefined) return;
      container.securityContext = { ...container.securityContext, allowPrivilegeEscalation: value };
    },
    validateContainer(_pod, { securityContext }, path) {
      const own = securityContext?.allowPrivilegeEscalation;
      if (allowed || own === false) return [];
      const at = path.child('securityContext', 'allowPrivilegeEscalation');
      return [invalid(at, own ?? null, 'Allowing privilege escalation for containers is not allowed')];
    },
  };
};

import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

const DEFAULT = 'Default';

/** Allowed proc mounts; a policy without a list only allows the default. */
export const procMount: StrategyFactory = ({ spec: { allowedProcMountTypes = [] } }) => {
  const allowed = allowedProcMountTypes.length === 0 ? [DEFAULT] : allowedProcMountTypes;
  return {
    validateContainer(_pod, { securityContext }, path) {
      const type = securityContext?.procMount ?? DEFAULT;
      if (allowed.includes(type)) return [];
      return [invalid(path.child('securityContext', 'procMount'), type, 'ProcMountType is not allowed')];
    },
  };
};

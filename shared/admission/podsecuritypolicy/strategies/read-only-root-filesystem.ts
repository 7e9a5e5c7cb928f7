import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Requires read-only root filesystems if the policy does. */
export const readOnlyRootFilesystem: StrategyFactory = ({ spec }) => {
  if (!spec.readOnlyRootFilesystem) return {};
  return {
    defaultContainer(_pod, container) {
      if (container.securityContext?.readOnlyRootFilesystem !== undefined) return;
      container.securityContext = { ...container.securityContext, readOnlyRootFilesystem: true };
    },
    validateContainer(_pod, { securityContext }, path) {
      const readOnly = securityContext?.readOnlyRootFilesystem;
      if (readOnly) return [];
      const must = readOnly === undefined ? 'may not be nil and must be set to true' : 'must be set to true';
      const at = path.child('securityContext', 'readOnlyRootFilesystem');
      return [invalid(at, readOnly ?? null, `ReadOnlyRootFilesystem ${must}`)];
    },
  };
};

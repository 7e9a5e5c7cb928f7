import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Containers that may do all that their node may. */
export const privileged: StrategyFactory = ({ spec: policy }) => ({
  validateContainer: (_pod, { securityContext }, path) =>
    securityContext?.privileged && !policy.privileged
      ? [invalid(path.child('securityContext', 'privileged'), true, 'Privileged containers are not allowed')]
      : [],
});

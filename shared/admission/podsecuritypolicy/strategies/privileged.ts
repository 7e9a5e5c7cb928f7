import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Whether containers may be privileged. */
export const privileged: StrategyFactory = ({ spec: policy }) => ({
  validateContainer: (_pod, { securityContext }, path) =>
    securityContext?.privileged && !policy.privileged
      ? [invalid(path.child('securityContext', 'privileged'), true, 'Privileged containers are not allowed')]
      : [],
});

import { effectiveSecurityContext } from '../effective-security-context.ts';
import { groupRule } from '../group-rule.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Without the option, the policy allows any group. */
export const runAsGroup: StrategyFactory = ({ spec: { runAsGroup: options } }) => {
  if (options === undefined) return {};
  const { group, validate } = groupRule('RunAsGroup', options);
  return {
    defaultContainer(pod, container) {
      if (group === undefined || effectiveSecurityContext(pod, container).runAsGroup !== undefined) return;
      container.securityContext = { ...container.securityContext, runAsGroup: group };
    },
    validateContainer(pod, container, path) {
      const { runAsGroup: own } = effectiveSecurityContext(pod, container);
      return validate(path.child('securityContext'), own === undefined ? [] : [own]);
    },
  };
};

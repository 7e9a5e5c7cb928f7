import { FieldPath } from '../../../meta/field-path.ts';
import { groupRule } from '../group-rule.ts';
import type { StrategyFactory } from '../strategy.ts';

const PATH = FieldPath.of('spec', 'securityContext', 'supplementalGroups');

/** Additional groups of a pod's processes. */
export const supplementalGroups: StrategyFactory = ({ spec: { supplementalGroups: options } }) => {
  const { group, validate } = groupRule('SupplementalGroups', options);
  return {
    defaultPod({ spec }) {
      if (group === undefined || spec.securityContext?.supplementalGroups !== undefined) return;
      spec.securityContext = { ...spec.securityContext, supplementalGroups: [group] };
    },
    validatePod: ({ spec: { securityContext } }) => validate(PATH, securityContext?.supplementalGroups ?? []),
  };
};

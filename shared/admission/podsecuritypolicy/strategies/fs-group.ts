import { FieldPath } from '../../../meta/field-path.ts';
import { groupRule } from '../group-rule.ts';
import type { StrategyFactory } from '../strategy.ts';

const PATH = FieldPath.of('spec', 'securityContext', 'fsGroup');

/** The group that owns a pod's volumes. */
export const fsGroup: StrategyFactory = ({ spec: { fsGroup: options } }) => {
  const { group, validate } = groupRule('FSGroup', options);
  return {
    defaultPod({ spec }) {
      if (group === undefined || spec.securityContext?.fsGroup !== undefined) return;
      spec.securityContext = { ...spec.securityContext, fsGroup: group };
    },
    validatePod({ spec: { securityContext } }) {
      return validate(PATH, securityContext?.fsGroup === undefined ? [] : [securityContext.fsGroup]);
    },
  };
};

import { ALL } from '../../../apis/policy/pod-security-policy.ts';
import { invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { StrategyFactory } from '../strategy.ts';

const PATH = FieldPath.of('spec', 'runtimeClassName');

/** Without the option, the policy allows all classes; a pod without a class is always allowed. */
export const runtimeClass: StrategyFactory = ({ spec: { runtimeClass: options } }) => {
  if (options === undefined) return {};
  const allowed = options.allowedRuntimeClassNames ?? [];
  return {
    defaultPod({ spec }) {
      const { defaultRuntimeClassName: name } = options;
      if (name !== undefined && spec.runtimeClassName === undefined) spec.runtimeClassName = name;
    },
    validatePod({ spec: { runtimeClassName: name } }) {
      if (name === undefined || allowed.includes(ALL) || allowed.includes(name)) return [];
      return [invalid(PATH, name, '')];
    },
  };
};

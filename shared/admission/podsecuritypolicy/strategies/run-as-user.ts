import type { IDRange } from '../../../apis/policy/v1beta1/types.ts';
import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { effectiveSecurityContext } from '../effective-security-context.ts';
import { formatRanges, isInRanges } from '../id-ranges.ts';
import type { Strategy, StrategyFactory } from '../strategy.ts';

/** RunAsAny, MustRunAsNonRoot (whose final check is up to the kubelet), or MustRunAs with ranges of users. */
export const runAsUser: StrategyFactory = ({ spec: { runAsUser: options } }) => {
  switch (options.rule) {
    case 'RunAsAny':
      return {};
    case 'MustRunAsNonRoot':
      return MUST_RUN_AS_NON_ROOT;
    case 'MustRunAs':
      return mustRunAs(options.ranges ?? []);
    default:
      throw new Error(`Unrecognized RunAsUser strategy type ${options.rule}`);
  }
};

function mustRunAs(ranges: readonly IDRange[]): Strategy {
  const [first] = ranges;
  if (first === undefined) throw new Error('MustRunAs requires at least one range');
  return {
    defaultContainer(pod, container) {
      if (effectiveSecurityContext(pod, container).runAsUser !== undefined) return;
      container.securityContext = { ...container.securityContext, runAsUser: first.min };
    },
    validateContainer(pod, container, path) {
      const { runAsUser: user } = effectiveSecurityContext(pod, container);
      const at = path.child('securityContext', 'runAsUser');
      if (user === undefined) return [required(at, '')];
      if (isInRanges(user, ranges)) return [];
      return [invalid(at, user, `must be in the ranges: ${formatRanges(ranges)}`)];
    },
  };
}

const MUST_RUN_AS_NON_ROOT: Strategy = {
  defaultContainer(pod, container) {
    const { runAsNonRoot, runAsUser: user } = effectiveSecurityContext(pod, container);
    if (runAsNonRoot !== undefined || user !== undefined) return;
    container.securityContext = { ...container.securityContext, runAsNonRoot: true };
  },
  validateContainer(pod, container, path): FieldError[] {
    const { runAsNonRoot, runAsUser: user } = effectiveSecurityContext(pod, container);
    const at = (field: string): FieldPath => path.child('securityContext', field);
    if (runAsNonRoot === undefined && user === undefined) {
      return [required(at('runAsNonRoot'), 'must be true')];
    }
    if (runAsNonRoot === false) return [invalid(at('runAsNonRoot'), false, 'must be true')];
    return user === 0 ? [invalid(at('runAsUser'), 0, 'running with the root UID is forbidden')] : [];
  },
};

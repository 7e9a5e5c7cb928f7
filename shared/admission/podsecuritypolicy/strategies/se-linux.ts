import type { SELinuxOptions } from '../../../apis/core/v1/types.ts';
import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { effectiveSecurityContext } from '../effective-security-context.ts';
import type { StrategyFactory } from '../strategy.ts';

const POD_PATH = FieldPath.of('spec', 'securityContext', 'seLinuxOptions');

/** Any SELinux context, or the one in the policy. */
export const seLinux: StrategyFactory = ({ spec: { seLinux: options } }) => {
  if (options.rule === 'RunAsAny') return {};
  if (options.rule !== 'MustRunAs') {
    throw new Error(`Unrecognized SELinuxContext strategy type ${options.rule}`);
  }
  const { seLinuxOptions: expected } = options;
  if (expected === undefined) throw new Error('MustRunAs requires SELinuxOptions');
  return {
    defaultPod({ spec }) {
      if (spec.securityContext?.seLinuxOptions !== undefined) return;
      spec.securityContext = { ...spec.securityContext, seLinuxOptions: { ...expected } };
    },
    validatePod: ({ spec }) => validate(expected, spec.securityContext?.seLinuxOptions, POD_PATH),
    validateContainer(pod, container, path) {
      const actual = effectiveSecurityContext(pod, container).seLinuxOptions;
      return validate(expected, actual, path.child('securityContext', 'seLinuxOptions'));
    },
  };
};

function validate(
  expected: SELinuxOptions,
  actual: SELinuxOptions | undefined,
  path: FieldPath,
): FieldError[] {
  if (actual === undefined) return [required(path, '')];
  return (['level', 'role', 'type', 'user'] as const).flatMap((field) => {
    const [wanted = '', given = ''] = [expected[field], actual[field]];
    const same = field === 'level' ? equalLevels(wanted, given) : wanted === given;
    return same ? [] : [invalid(path.child(field), given, `must be ${wanted}`)];
  });
}

/** Compares levels, which consist of a sensitivity and categories in any order: `s0:c6,c0` equals `s0:c0,c6`. */
function equalLevels(expected: string, actual: string): boolean {
  return expected === actual || (expected.includes(':') && canonical(expected) === canonical(actual));
}

function canonical(level: string): string {
  const colon = level.indexOf(':');
  if (colon < 0) return level;
  return `${level.slice(0, colon)}:${level
    .slice(colon + 1)
    .split(',')
    .sort()
    .join(',')}`;
}

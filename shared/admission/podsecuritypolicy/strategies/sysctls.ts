import { forbidden } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import type { StrategyFactory } from '../strategy.ts';

const PATH = FieldPath.of('pod', 'spec', 'securityContext', 'sysctls');
/** Sysctls that 1.20 considers isolated to the pod. */
const SAFE: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
]);

/** Sysctls: forbidden ones, safe ones, and unsafe ones that the policy allows. */
export const sysctls: StrategyFactory = ({ spec: { allowedUnsafeSysctls, forbiddenSysctls } }) => ({
  validatePod: ({ spec }) =>
    (spec.securityContext?.sysctls ?? []).flatMap(({ name }, index) => {
      const is = matchesAny(name, forbiddenSysctls)
        ? 'sysctl'
        : SAFE.has(name) || matchesAny(name, allowedUnsafeSysctls)
          ? undefined
          : 'unsafe sysctl';
      return is === undefined ? [] : [forbidden(PATH.index(index), `${is} ${quote(name)} is not allowed`)];
    }),
});

function matchesAny(name: string, patterns: readonly string[] = []): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

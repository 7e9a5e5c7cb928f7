import { invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { StrategyFactory } from '../strategy.ts';

/** The path of these fields in 1.20, as used in errors. */
const PATH = FieldPath.of('spec', 'securityContext');
const NAMESPACES = [
  ['hostNetwork', 'Host network'],
  ['hostPID', 'Host PID'],
  ['hostIPC', 'Host IPC'],
] as const;

/** Use of the host's network, process and IPC namespaces. */
export const hostNamespaces: StrategyFactory = ({ spec: policy }) => ({
  validatePod: ({ spec }) =>
    NAMESPACES.flatMap(([field, name]) =>
      spec[field] && !policy[field]
        ? [invalid(PATH.child(field), true, `${name} is not allowed to be used`)]
        : [],
    ),
});

import { invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Where 1.20 kept these fields; errors still say so. */
const PATH = FieldPath.of('spec', 'securityContext');
const NAMESPACES = [
  ['hostNetwork', 'Host network'],
  ['hostPID', 'Host PID'],
  ['hostIPC', 'Host IPC'],
] as const;

/** Pods that share their node's network, processes or memory. */
export const hostNamespaces: StrategyFactory = ({ spec: policy }) => ({
  validatePod: ({ spec }) =>
    NAMESPACES.flatMap(([field, name]) =>
      spec[field] && !policy[field]
        ? [invalid(PATH.child(field), true, `${name} is not allowed to be used`)]
        : [],
    ),
});

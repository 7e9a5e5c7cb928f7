import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { setDaemonSetDefaults, setDeploymentDefaults, setStatefulSetDefaults } from './v1/defaults.ts';

/** Registers apps. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'apps',
    definitions: 'io.k8s.api.apps',
    versions: ['v1'],
    kinds: {
      v1: {
        DaemonSet: { defaults: setDaemonSetDefaults },
        Deployment: { defaults: setDeploymentDefaults },
        StatefulSet: { defaults: setStatefulSetDefaults },
      },
    },
  });
}

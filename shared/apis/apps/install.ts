import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import { setDaemonSetDefaults, setDeploymentDefaults, setStatefulSetDefaults } from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';

export const apps: APIGroup = {
  group: 'apps',
  definitions: 'io.k8s.api.apps',
  priority: 17800,
  versions: {
    v1: {
      types: typesV1,
      defaults: defaultsV1,
      priority: 15,
      kinds: {
        DaemonSet: { defaults: setDaemonSetDefaults },
        Deployment: { defaults: setDeploymentDefaults },
        StatefulSet: { defaults: setStatefulSetDefaults },
      },
    },
  },
};

import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { ScaleREST } from '../generic/scale-rest.ts';
import { controllerRevisionStrategy } from './controllerrevision/strategy.ts';
import { daemonSetStatusStrategy, daemonSetStrategy } from './daemonset/strategy.ts';
import { deploymentScale } from './deployment/scale.ts';
import { deploymentStatusStrategy, deploymentStrategy } from './deployment/strategy.ts';
import { replicaSetScale } from './replicaset/scale.ts';
import { replicaSetStatusStrategy, replicaSetStrategy } from './replicaset/strategy.ts';
import { statefulSetScale } from './statefulset/scale.ts';
import { statefulSetStatusStrategy, statefulSetStrategy } from './statefulset/strategy.ts';

export const appsStorage = groupStorage('apps', {
  controllerrevisions: storedResource({ version: 'v1', strategy: controllerRevisionStrategy }),
  daemonsets: storedResource({ version: 'v1', strategy: daemonSetStrategy, status: daemonSetStatusStrategy }),
  deployments: storedResource({
    version: 'v1',
    strategy: deploymentStrategy,
    status: deploymentStatusStrategy,
    subresources: (store) => ({ scale: new ScaleREST(store, deploymentScale) }),
  }),
  replicasets: storedResource({
    version: 'v1',
    strategy: replicaSetStrategy,
    status: replicaSetStatusStrategy,
    subresources: (store) => ({ scale: new ScaleREST(store, replicaSetScale) }),
  }),
  statefulsets: storedResource({
    version: 'v1',
    strategy: statefulSetStrategy,
    status: statefulSetStatusStrategy,
    subresources: (store) => ({ scale: new ScaleREST(store, statefulSetScale) }),
  }),
});

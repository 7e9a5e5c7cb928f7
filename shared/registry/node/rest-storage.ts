import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { runtimeClassStrategy } from './runtimeclass/strategy.ts';

export const nodeStorage = groupStorage('node.k8s.io', {
  runtimeclasses: storedResource({ anyFinalizers: true, version: 'v1', strategy: runtimeClassStrategy }),
});

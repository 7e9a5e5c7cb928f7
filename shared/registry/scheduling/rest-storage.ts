import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { compositePodGroupStatusStrategy, compositePodGroupStrategy } from './compositepodgroup/strategy.ts';
import { podGroupStatusStrategy, podGroupStrategy } from './podgroup/strategy.ts';
import { priorityClassStrategy } from './priorityclass/strategy.ts';
import { workloadStrategy } from './workload/strategy.ts';

export const schedulingStorage = groupStorage('scheduling.k8s.io', {
  compositepodgroups: storedResource({
    version: 'v1alpha3',
    strategy: compositePodGroupStrategy,
    status: compositePodGroupStatusStrategy,
  }),
  podgroups: storedResource({
    version: 'v1beta1',
    strategy: podGroupStrategy,
    status: podGroupStatusStrategy,
  }),
  priorityclasses: storedResource({ version: 'v1', strategy: priorityClassStrategy }),
  workloads: storedResource({ version: 'v1beta1', strategy: workloadStrategy }),
});

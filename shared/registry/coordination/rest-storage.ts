import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { leaseStrategy } from './lease/strategy.ts';
import { leaseCandidateStrategy } from './leasecandidate/strategy.ts';

export const coordinationStorage = groupStorage('coordination.k8s.io', {
  leasecandidates: storedResource({
    anyFinalizers: true,
    version: 'v1beta1',
    strategy: leaseCandidateStrategy,
  }),
  leases: storedResource({ anyFinalizers: true, version: 'v1', strategy: leaseStrategy }),
});

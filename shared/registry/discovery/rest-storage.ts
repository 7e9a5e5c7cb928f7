import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { endpointSliceStrategy } from './endpointslice/strategy.ts';

export const discoveryStorage = groupStorage('discovery.k8s.io', {
  endpointslices: storedResource({ version: 'v1', strategy: endpointSliceStrategy }),
});

import { groupStorage, storedResource } from '../../registry/generic/group-storage.ts';
import { apiServiceStatusStrategy, apiServiceStrategy } from './apiservice/strategy.ts';

export const apiregistrationStorage = groupStorage('apiregistration.k8s.io', {
  apiservices: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: apiServiceStrategy,
    status: apiServiceStatusStrategy,
  }),
});

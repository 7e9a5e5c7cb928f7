import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { evictionStatusStrategy, evictionStrategy } from './eviction/strategy.ts';
import { evictionRequestStatusStrategy, evictionRequestStrategy } from './evictionrequest/strategy.ts';

export const lifecycleStorage = groupStorage('lifecycle.k8s.io', {
  evictionrequests: storedResource({
    version: 'v1alpha1',
    strategy: evictionRequestStrategy,
    status: evictionRequestStatusStrategy,
  }),
  evictions: storedResource({
    version: 'v1alpha1',
    strategy: evictionStrategy,
    status: evictionStatusStrategy,
  }),
});

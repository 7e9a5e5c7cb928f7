import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { storageVersionStatusStrategy, storageVersionStrategy } from './storageversion/strategy.ts';

export const apiserverinternalStorage = groupStorage('internal.apiserver.k8s.io', {
  storageversions: storedResource({
    version: 'v1alpha1',
    anyFinalizers: 'on update',
    strategy: storageVersionStrategy,
    status: storageVersionStatusStrategy,
  }),
});

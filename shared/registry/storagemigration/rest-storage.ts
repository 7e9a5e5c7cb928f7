import { groupStorage, storedResource } from '../generic/group-storage.ts';
import {
  storageVersionMigrationStatusStrategy,
  storageVersionMigrationStrategy,
} from './storageversionmigration/strategy.ts';

export const storagemigrationStorage = groupStorage('storagemigration.k8s.io', {
  storageversionmigrations: storedResource({
    version: 'v1beta1',
    strategy: storageVersionMigrationStrategy,
    status: storageVersionMigrationStatusStrategy,
  }),
});

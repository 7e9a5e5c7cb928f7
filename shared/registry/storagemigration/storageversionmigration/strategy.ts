import type { StorageVersionMigration } from '../../../apis/storagemigration/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const loadRules = once(
  () => import('../../../apis/storagemigration/validation/storage-version-migration.ts'),
);

const API_VERSIONS = ['storagemigration.k8s.io/v1', 'storagemigration.k8s.io/v1beta1'];

export const storageVersionMigrationStrategy: RESTStrategy<StorageVersionMigration> = {
  kind: { group: 'storagemigration.k8s.io', kind: 'StorageVersionMigration' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validate: async (_context, object) => (await loadRules()).validateStorageVersionMigration(object),
  validateUpdate: async (_context, object, old) =>
    (await loadRules()).validateStorageVersionMigrationUpdate(object, old),
};

export const storageVersionMigrationStatusStrategy: RESTStrategy<StorageVersionMigration> = {
  ...storageVersionMigrationStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (_context, object, old) =>
    (await loadRules()).validateStorageVersionMigrationStatusUpdate(object, old),
};

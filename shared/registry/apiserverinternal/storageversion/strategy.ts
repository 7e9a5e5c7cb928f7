import type { StorageVersion } from '../../../apis/apiserverinternal/v1alpha1/types.ts';
import {
  validateStorageVersionName,
  validateStorageVersionStatus,
} from '../../../apis/apiserverinternal/validation/storage-version.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['internal.apiserver.k8s.io/v1alpha1'];

export const storageVersionStrategy: RESTStrategy<StorageVersion> = {
  kind: { group: 'internal.apiserver.k8s.io', kind: 'StorageVersion' },
  namespaced: false,
  validateName: validateStorageVersionName,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
};

export const storageVersionStatusStrategy: RESTStrategy<StorageVersion> = {
  ...storageVersionStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: (_context, object) => validateStorageVersionStatus(object),
};

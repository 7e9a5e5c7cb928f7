import type { PodCertificateRequest } from '../../../apis/certificates/v1beta1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['certificates.k8s.io/v1beta1'];

export const podCertificateRequestStrategy: RESTStrategy<PodCertificateRequest> = {
  kind: { group: 'certificates.k8s.io', kind: 'PodCertificateRequest' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
};

export const podCertificateRequestStatusStrategy: RESTStrategy<PodCertificateRequest> = {
  ...podCertificateRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
};

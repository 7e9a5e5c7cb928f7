import type { ValidatingAdmissionPolicy } from '../../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['admissionregistration.k8s.io/v1'];

export const validatingAdmissionPolicyStrategy: RESTStrategy<ValidatingAdmissionPolicy> = {
  kind: { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
};

export const validatingAdmissionPolicyStatusStrategy: RESTStrategy<ValidatingAdmissionPolicy> = {
  ...validatingAdmissionPolicyStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
};

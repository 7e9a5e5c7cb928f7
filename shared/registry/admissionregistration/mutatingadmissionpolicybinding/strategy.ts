import type { MutatingAdmissionPolicyBinding } from '../../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

export const mutatingAdmissionPolicyBindingStrategy: RESTStrategy<MutatingAdmissionPolicyBinding> = {
  kind: { group: 'admissionregistration.k8s.io', kind: 'MutatingAdmissionPolicyBinding' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
};

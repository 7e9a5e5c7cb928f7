/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/validatingadmissionpolicybinding/strategy.go */

import type { ValidatingAdmissionPolicyBinding } from '../../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { authorizeParamRef, type ParamAccessConfig } from '../param-access.ts';
import { creationWarnings, staticSuffixErrors, staticSuffixWarnings } from '../static-suffix.ts';

const loadRules = once(() => import('../../../apis/admissionregistration/validation/policy-binding.ts'));

const POLICIES = 'validatingadmissionpolicies';

export const createValidatingAdmissionPolicyBindingStrategy = (
  config: ParamAccessConfig,
): RESTStrategy<ValidatingAdmissionPolicyBinding> => ({
  kind: { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicyBinding' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  async validate(context, binding) {
    const errors = [
      ...(await loadRules()).validateValidatingAdmissionPolicyBinding(binding),
      ...staticSuffixErrors(context, binding),
    ];
    return errors.length > 0 ? errors : authorizeParamRef(context, binding, undefined, config, POLICIES);
  },
  warningsOnCreate: creationWarnings,
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  async validateUpdate(context, binding, old) {
    const errors = (await loadRules()).validateValidatingAdmissionPolicyBinding(binding);
    return errors.length > 0 ? errors : authorizeParamRef(context, binding, old, config, POLICIES);
  },
  warningsOnUpdate: (_context, { metadata }) => staticSuffixWarnings(metadata.name),
});

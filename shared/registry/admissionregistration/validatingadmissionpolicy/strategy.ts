/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/validatingadmissionpolicy/strategy.go */

import type { ValidatingAdmissionPolicy } from '../../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration, resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { loadExpressionChecker } from '../load-expression-checker.ts';
import { authorizeParamKind, type ParamAccessConfig } from '../param-access.ts';
import { creationWarnings, staticSuffixErrors, staticSuffixWarnings } from '../static-suffix.ts';

const loadRules = once(
  () => import('../../../apis/admissionregistration/validation/validating-admission-policy.ts'),
);

const API_VERSIONS = [
  'admissionregistration.k8s.io/v1alpha1',
  'admissionregistration.k8s.io/v1beta1',
  'admissionregistration.k8s.io/v1',
];

export const createValidatingAdmissionPolicyStrategy = (
  config: ParamAccessConfig,
): RESTStrategy<ValidatingAdmissionPolicy> => ({
  kind: { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  async validate(context, policy) {
    const errors = [
      ...(await loadRules()).validateValidatingAdmissionPolicy(
        policy,
        undefined,
        await loadExpressionChecker(),
      ),
      ...staticSuffixErrors(context, policy),
    ];
    return errors.length > 0 ? errors : authorizeParamKind(context, policy, undefined, config);
  },
  warningsOnCreate: creationWarnings,
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  async validateUpdate(context, policy, old) {
    const errors = (await loadRules()).validateValidatingAdmissionPolicy(
      policy,
      old,
      await loadExpressionChecker(),
    );
    return errors.length > 0 ? errors : authorizeParamKind(context, policy, old, config);
  },
  warningsOnUpdate: (_context, { metadata }) => staticSuffixWarnings(metadata.name),
});

export const createValidatingAdmissionPolicyStatusStrategy = (
  config: ParamAccessConfig,
): RESTStrategy<ValidatingAdmissionPolicy> => ({
  ...createValidatingAdmissionPolicyStrategy(config),
  resetFields: resetFields(API_VERSIONS, 'spec', 'metadata'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (_context, policy) =>
    (await loadRules()).validateValidatingAdmissionPolicyStatus(policy),
});

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/mutatingadmissionpolicy/strategy.go */

import type { MutatingAdmissionPolicy } from '../../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadExpressionChecker } from '../load-expression-checker.ts';
import { authorizeParamKind, type ParamAccessConfig } from '../param-access.ts';
import { creationWarnings, staticSuffixErrors, staticSuffixWarnings } from '../static-suffix.ts';

const loadRules = once(
  () => import('../../../apis/admissionregistration/validation/mutating-admission-policy.ts'),
);

export const createMutatingAdmissionPolicyStrategy = (
  config: ParamAccessConfig,
): RESTStrategy<MutatingAdmissionPolicy> => ({
  kind: { group: 'admissionregistration.k8s.io', kind: 'MutatingAdmissionPolicy' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  async validate(context, policy) {
    const errors = [
      ...(await loadRules()).validateMutatingAdmissionPolicy(
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
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  async validateUpdate(context, policy, old) {
    const errors = (await loadRules()).validateMutatingAdmissionPolicy(
      policy,
      old,
      await loadExpressionChecker(),
    );
    return errors.length > 0 ? errors : authorizeParamKind(context, policy, old, config);
  },
  warningsOnUpdate: (_context, { metadata }) => staticSuffixWarnings(metadata.name),
});

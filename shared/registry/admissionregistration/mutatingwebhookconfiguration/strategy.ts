/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/mutatingwebhookconfiguration/strategy.go */

import type { MutatingWebhookConfiguration } from '../../../apis/admissionregistration/v1/types.ts';
import { validateWebhookConfiguration } from '../../../apis/admissionregistration/validation/webhook-configuration.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadExpressionChecker } from '../load-expression-checker.ts';
import { staticSuffixWarnings } from '../static-suffix.ts';

export const mutatingWebhookConfigurationStrategy: RESTStrategy<MutatingWebhookConfiguration> = {
  kind: { group: 'admissionregistration.k8s.io', kind: 'MutatingWebhookConfiguration' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  async validate({ requestInfo: { apiVersion } }, configuration) {
    return validateWebhookConfiguration(configuration, undefined, apiVersion, await loadExpressionChecker());
  },
  warningsOnCreate: (_context, { metadata }) => staticSuffixWarnings(metadata.name),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.webhooks, old.webhooks)) raiseGeneration(object, old);
  },
  async validateUpdate({ requestInfo: { apiVersion } }, configuration, old) {
    return validateWebhookConfiguration(configuration, old, apiVersion, await loadExpressionChecker());
  },
  warningsOnUpdate: (_context, { metadata }) => staticSuffixWarnings(metadata.name),
};

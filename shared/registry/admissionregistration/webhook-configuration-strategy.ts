/**
 * The strategy of both kinds of webhook configurations, which only differ in their names
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/mutatingwebhookconfiguration/strategy.go).
 */

import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../meta/validation/names.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { once } from '../../util/once.ts';
import { raiseGeneration } from '../generic/strategy-parts.ts';
import { excludedRuleWarnings } from './excluded-rules.ts';
import { loadExpressionChecker } from './load-expression-checker.ts';
import { creationWarnings, staticSuffixErrors, staticSuffixWarnings } from './static-suffix.ts';

const loadRules = once(() => import('../../apis/admissionregistration/validation/webhook-configuration.ts'));

interface Configurations {
  readonly MutatingWebhookConfiguration: MutatingWebhookConfiguration;
  readonly ValidatingWebhookConfiguration: ValidatingWebhookConfiguration;
}

export const webhookConfigurationStrategy = <K extends keyof Configurations>(
  kind: K,
): RESTStrategy<Configurations[K]> => ({
  kind: { group: 'admissionregistration.k8s.io', kind },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  async validate(context, configuration) {
    const { apiVersion } = context.requestInfo;
    return [
      ...(await loadRules()).validateWebhookConfiguration(
        configuration,
        undefined,
        apiVersion,
        await loadExpressionChecker(),
      ),
      ...staticSuffixErrors(context, configuration),
    ];
  },
  warningsOnCreate: (context, object) => [
    ...creationWarnings(context, object),
    ...excludedRuleWarnings(context, object.webhooks),
  ],
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.webhooks, old.webhooks)) raiseGeneration(object, old);
  },
  async validateUpdate({ requestInfo: { apiVersion } }, configuration, old) {
    return (await loadRules()).validateWebhookConfiguration(
      configuration,
      old,
      apiVersion,
      await loadExpressionChecker(),
    );
  },
  warningsOnUpdate: (context, { metadata, webhooks }) => [
    ...staticSuffixWarnings(metadata.name),
    ...excludedRuleWarnings(context, webhooks),
  ],
});

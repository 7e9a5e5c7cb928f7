/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/mutatingwebhookconfiguration/strategy.go */

import { webhookConfigurationStrategy } from '../webhook-configuration-strategy.ts';

export const mutatingWebhookConfigurationStrategy = webhookConfigurationStrategy(
  'MutatingWebhookConfiguration',
);

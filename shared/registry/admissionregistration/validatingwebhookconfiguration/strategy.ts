/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/admissionregistration/validatingwebhookconfiguration/strategy.go */

import { webhookConfigurationStrategy } from '../webhook-configuration-strategy.ts';

export const validatingWebhookConfigurationStrategy = webhookConfigurationStrategy(
  'ValidatingWebhookConfiguration',
);

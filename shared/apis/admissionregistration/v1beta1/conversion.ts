import type * as v1 from '../v1/types.ts';
import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from './types.ts';

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;
type InternalConfiguration = v1.ValidatingWebhookConfiguration | v1.MutatingWebhookConfiguration;

/** The review versions of a webhook were optional in v1beta1, and omitted if there were none. */
export function webhookConfigurationToInternal(configuration: Configuration): InternalConfiguration {
  for (const webhook of configuration.webhooks ?? []) {
    (webhook as v1.ValidatingWebhook).admissionReviewVersions ??= null;
  }
  return configuration as InternalConfiguration;
}

export function webhookConfigurationFromInternal(hub: InternalConfiguration): Configuration {
  for (const webhook of hub.webhooks ?? []) {
    if (!webhook.admissionReviewVersions) delete webhook.admissionReviewVersions;
  }
  return hub as Configuration;
}

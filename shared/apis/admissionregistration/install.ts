import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { webhookConfigurationFromInternal, webhookConfigurationToInternal } from './v1beta1/conversion.ts';

const WEBHOOK_CONFIGURATION = {
  toInternal: webhookConfigurationToInternal,
  fromInternal: webhookConfigurationFromInternal,
};

/** Registers admissionregistration.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'admissionregistration.k8s.io',
    definitions: 'io.k8s.api.admissionregistration',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
    kinds: {
      v1beta1: {
        ValidatingWebhookConfiguration: WEBHOOK_CONFIGURATION,
        MutatingWebhookConfiguration: WEBHOOK_CONFIGURATION,
      },
    },
  });
}

import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import defaultsV1alpha1 from './v1alpha1/defaults.json?text';
import typesV1alpha1 from './v1alpha1/types.json?text';
import { webhookConfigurationFromInternal, webhookConfigurationToInternal } from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

const WEBHOOK_CONFIGURATION = {
  toInternal: webhookConfigurationToInternal,
  fromInternal: webhookConfigurationFromInternal,
};

export const admissionregistration: APIGroup = {
  group: 'admissionregistration.k8s.io',
  definitions: 'io.k8s.api.admissionregistration',
  priority: 16700,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 15 },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 12,
      kinds: {
        ValidatingWebhookConfiguration: WEBHOOK_CONFIGURATION,
        MutatingWebhookConfiguration: WEBHOOK_CONFIGURATION,
      },
    },
    v1alpha1: { types: typesV1alpha1, defaults: defaultsV1alpha1, priority: 9 },
  },
};

import type { ValidatingWebhook } from '../../apis/admissionregistration/v1/types.ts';
import { newTimeoutError } from '../../meta/status-error.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { VersionedObjectsCache } from '../versioned-objects.ts';
import type { WebhookInvocation } from '../webhook/call-webhook.ts';
import { WebhookDispatcher } from '../webhook/webhook-dispatcher.ts';

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io/';

/** Calls validating webhooks concurrently. */
export const validatingAdmissionWebhook: AdmissionPluginFactory = (dependencies) => {
  const dispatcher = new WebhookDispatcher<ValidatingWebhook>('validating', dependencies);
  return {
    name: 'ValidatingAdmissionWebhook',
    handles: () => true,
    open: () => dispatcher.open(),
    reads: (attributes) => dispatcher.reads(attributes),
    async validate(attributes, context) {
      const webhooks = await dispatcher.webhooks(attributes);
      if (webhooks.length === 0) return;
      const versions = new VersionedObjectsCache(attributes);
      const invocations: WebhookInvocation[] = [];
      for (const webhook of webhooks) {
        const invocation = await dispatcher.invocation(webhook, attributes, versions);
        if (invocation !== undefined) invocations.push(invocation);
      }
      if (invocations.length === 0) return;
      if (context.signal.aborted) {
        throw newTimeoutError('request did not complete within requested timeout', 0);
      }
      const results = await Promise.allSettled(
        invocations.map(async (invocation, index) => {
          const isAnswered = await dispatcher.call(invocation, attributes, {
            context,
            use: (answer) => answer !== undefined,
          });
          if (isAnswered) return;
          attributes.addAnnotation(`${FAILED_OPEN}round_0_index_${index}`, invocation.webhook.hook.name);
        }),
      );
      const refusal = results.find((result) => result.status === 'rejected');
      if (refusal !== undefined) throw refusal.reason;
    },
    close: async () => dispatcher.close(),
  };
};

import type { MutatingWebhook } from '../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { newInternalError } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { breathe } from '../../util/breathe.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import type { AdmissionAttributes, AdmissionDependencies, AdmissionPluginFactory } from '../admission.ts';
import { MutatorReinvocation } from '../mutator-reinvocation.ts';
import { reinvocationOf } from '../reinvocation.ts';
import { VersionedObjectsCache } from '../versioned-objects.ts';
import { CallingWebhookError, type WebhookInvocation } from '../webhook/call-webhook.ts';
import { failedOpen, WebhookDispatcher } from '../webhook/webhook-dispatcher.ts';
import { applyWebhookPatch, readOperations } from '../webhook/webhook-patch.ts';

const NAME = 'MutatingAdmissionWebhook';
const MUTATION = 'mutation.webhook.admission.k8s.io/';
const PATCH = 'patch.webhook.admission.k8s.io/';

/** Calls mutating webhooks sequentially. */
export const mutatingAdmissionWebhook: AdmissionPluginFactory = (dependencies) => {
  const dispatcher = new WebhookDispatcher<MutatingWebhook>('mutating', dependencies);
  return {
    name: NAME,
    handles: () => true,
    open: () => dispatcher.open(),
    reads: (attributes) => dispatcher.reads(attributes),
    async admit(attributes, context) {
      const webhooks = await dispatcher.webhooks(attributes);
      if (webhooks.length === 0) return;
      const reinvocation = reinvocationOf(attributes);
      const own = reinvocation.value(NAME, () => new MutatorReinvocation());
      if (reinvocation.isReinvoke) own.requireIfChanged(attributes.object);
      const versions = new VersionedObjectsCache(attributes);
      for (const [index, webhook] of webhooks.entries()) {
        const invocation = await dispatcher.invocation(webhook, attributes, versions);
        if (invocation === undefined) continue;
        if (reinvocation.isReinvoke && !own.shouldReinvoke(webhook.uid)) continue;
        const changed = await mutate(dispatcher, invocation, {
          attributes,
          context,
          dependencies,
          place: `round_${reinvocation.isReinvoke ? 1 : 0}_index_${index}`,
        });
        if (changed) {
          versions.clear();
          own.require();
          reinvocation.shouldReinvoke = true;
        }
        if (webhook.hook.reinvocationPolicy === 'IfNeeded') own.add(webhook.uid);
      }
      own.setOutput(attributes.object);
    },
    close: async () => dispatcher.close(),
  };
};

interface Mutation {
  readonly attributes: AdmissionAttributes;
  readonly context: RequestContext;
  readonly dependencies: AdmissionDependencies;
  /** Position of the call, for the audit log. */
  readonly place: string;
}

/** Resolves with whether the object has changed. */
async function mutate(
  dispatcher: WebhookDispatcher<MutatingWebhook>,
  invocation: WebhookInvocation,
  { attributes, context, dependencies, place }: Mutation,
): Promise<boolean> {
  const { hook, configurationName } = invocation.webhook;
  const about = { configuration: configurationName, webhook: hook.name };
  const failOpen = (): void => attributes.addAnnotation(`failed-open.${MUTATION}${place}`, hook.name);
  let mutated = false;
  try {
    return await dispatcher.call(invocation, attributes, {
      context,
      async use(answer) {
        if (answer === undefined) failOpen();
        await breathe();
        const operations = answer && readOperations(answer, hook.name);
        if (operations === undefined) return false;
        const { versioned } = invocation;
        const before = attributes.object;
        const options = { dependencies, webhookName: hook.name };
        attributes.object = await applyWebhookPatch(answer!.patch!, versioned, attributes, options);
        mutated = !semanticDeepEqual(before, attributes.object);
        const patch = { ...about, patch: operations, patchType: 'JSONPatch' };
        attributes.addAnnotation(PATCH + place, stringifyJSON(patch), 'Request');
        return mutated;
      },
    });
  } catch (error) {
    if (!(error instanceof CallingWebhookError)) throw error;
    if (hook.failurePolicy !== 'Ignore') throw newInternalError(error);
    dependencies.logger?.warning(failedOpen(hook.name, error));
    failOpen();
    return false;
  } finally {
    attributes.addAnnotation(MUTATION + place, JSON.stringify({ ...about, mutated }));
  }
}

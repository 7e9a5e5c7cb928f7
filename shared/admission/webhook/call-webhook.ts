import { newBadRequest, StatusError } from '../../meta/status-error.ts';
import type { Status } from '../../meta/v1/types.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { WebhookClient, WebhookClientConfig } from '../../rest/webhook-client.ts';
import type { ResponseMemory } from '../../rest/webhook-memory.ts';
import { quote } from '../../runtime/go-format.ts';
import { formatGroupResource } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import { ForeignFault } from '../../util/foreign-fault.ts';
import { inSpan } from '../../util/spans.ts';
import type { AdmissionAttributes, EquivalentResource } from '../admission.ts';
import type { VersionedObjects } from '../versioned-objects.ts';
import { type AdmissionAnswer, admissionReview, verifyAnswer } from './admission-review.ts';
import type { CompiledWebhook } from './compiled-webhook.ts';
import { readAnswer } from './read-answer.ts';

/** For webhooks without a timeout; since v1 it is always set. */
const DEFAULT_TIMEOUT_SECONDS = 10;
const TOO_MANY_REQUESTS = 429;

/** The call failed or its answer is invalid, so the failure policy applies. */
export class CallingWebhookError extends ForeignFault {
  override readonly name = 'CallingWebhookError';

  constructor(webhookName: string, reason: string, cause?: unknown) {
    super(`failed calling webhook ${quote(webhookName)}: ${reason}`, { cause });
  }
}

/** One call of a webhook. */
export interface WebhookInvocation {
  readonly webhook: CompiledWebhook;
  readonly sort: 'mutating' | 'validating';
  readonly target: EquivalentResource;
  readonly versioned: VersionedObjects;
}

export interface WebhookCaller {
  readonly client: WebhookClient;
  readonly scheme: Scheme;
  /** Of the response, which may refuse it with a 429. */
  readonly memory: ResponseMemory;
}

/**
 * Calls a webhook and records its warnings and audit annotations. Throws the Status of its denial, a
 * `CallingWebhookError`, or BadRequest for a dry run that it doesn't support.
 */
export async function callWebhook(
  { webhook, sort, target, versioned }: WebhookInvocation,
  attributes: AdmissionAttributes,
  context: RequestContext,
  { client, scheme, memory }: WebhookCaller,
): Promise<AdmissionAnswer> {
  const { hook } = webhook;
  if (attributes.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun') {
    throw newBadRequest(`admission webhook ${quote(hook.name)} does not support dry run`);
  }
  const failed = async <T>(reason: string, run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      // Not a fault of the webhook, so that the failure policy doesn't apply.
      if (error instanceof StatusError && error.status.code === TOO_MANY_REQUESTS) throw error;
      throw new CallingWebhookError(hook.name, `${reason}: ${(error as Error).message}`, error);
    }
  };
  const review = await failed('could not create admission objects', () =>
    admissionReview(hook.admissionReviewVersions ?? [], attributes, target, versioned),
  );
  const { resource, subresource, operation } = attributes;
  const asked = () => ({
    webhook: hook.name,
    resource: formatGroupResource(resource),
    subresource,
    operation,
  });
  const answer = await failed('failed to call webhook', () =>
    inSpan(`Call ${sort} webhook`, asked, () =>
      client.post(hook.clientConfig as WebhookClientConfig, review, {
        timeoutMs: (hook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
        signal: context.signal,
        read: (bytes) => readAnswer(bytes, review, scheme),
        received: memory.received,
      }),
    ),
  );
  const verified = await failed('received invalid webhook response', () =>
    verifyAnswer(answer, review, sort),
  );
  for (const [key, value] of Object.entries(verified.auditAnnotations)) {
    attributes.addAnnotation(`${hook.name}/${key}`, value);
  }
  for (const warning of verified.warnings) context.addWarning(warning);
  if (!verified.allowed) throw refusal(hook.name, verified.result);
  return verified;
}

/** The webhook's message, prefixed with its name; never a success. */
function refusal(webhookName: string, result: Partial<Status> = {}): StatusError {
  const { message, reason, code = 0, details, metadata } = result;
  const next = metadata?.continue;
  const by = `admission webhook ${quote(webhookName)} denied the request`;
  return new StatusError({
    code: Math.max(code, 400),
    message: message ? `${by}: ${message}` : reason ? `${by}: ${reason}` : `${by} without explanation`,
    ...(reason && { reason }),
    ...(details && { details }),
    ...(next && { metadata: { continue: next } }),
  });
}

import { createHash } from 'node:crypto';
import type { Pod } from '../../apis/core/v1/types.ts';
import type { ImageReviewSpec, ImageReviewStatus } from '../../apis/imagepolicy/v1alpha1/types.ts';
import { GenericWebhook, webhookBackoff, withBackoff } from '../../request/webhook/generic-webhook.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { readImagePolicy } from '../image-policy/image-policy-configuration.ts';

const AUDIT_PREFIX = 'imagepolicywebhook.image-policy.k8s.io/';
const MAX_ANSWERS = 1024;

/** Asks a webhook from the server's configuration whether a pod's images are allowed. */
export const imagePolicyWebhook: AdmissionPluginFactory = (dependencies) => {
  const { client, retryBackoffMs, allowTTLMs, denyTTLMs, defaultAllow } = readImagePolicy(dependencies);
  const webhook = new GenericWebhook(client, {
    logger: dependencies.logger,
    addresses: dependencies.addresses,
  });
  const backoff = webhookBackoff(retryBackoffMs);
  const answers = new BoundedCache<string, ImageReviewStatus>({ max: MAX_ANSWERS });

  const ask = async (spec: ImageReviewSpec): Promise<ImageReviewStatus> => {
    // Hashed, because annotations may be long and a thousand entries are cached.
    const key = createHash('sha256').update(JSON.stringify(spec)).digest('base64');
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await withBackoff(backoff, () => webhook.post(imageReview(spec)));
    const status = statusOf(answer);
    answers.set(key, status, status.allowed ? allowTTLMs : denyTTLMs);
    return status;
  };

  return {
    name: 'ImagePolicyWebhook',
    handles: operations('CREATE', 'UPDATE'),
    async validate(attributes) {
      const images = imagesOf(attributes);
      if (images === undefined) return;
      let status: ImageReviewStatus;
      try {
        status = await ask(specOf(attributes, images));
      } catch (error) {
        if (!defaultAllow) throw forbidden(attributes, error);
        attributes.addAnnotation(`${AUDIT_PREFIX}failed-open`, 'true');
        return;
      }
      for (const [key, value] of Object.entries(status.auditAnnotations ?? {})) {
        attributes.addAnnotation(`${AUDIT_PREFIX}${key}`, value);
      }
      if (!status.allowed) throw forbidden(attributes, new Error(denial(status)));
    },
  };
};

function denial({ reason }: ImageReviewStatus): string {
  return reason
    ? `image policy webhook backend denied one or more images: ${reason}`
    : 'one or more images rejected by webhook backend';
}

/** The images that the request may add; undefined for requests that can't add any. */
function imagesOf({ resource, subresource, object }: AdmissionAttributes): string[] | undefined {
  if (resource.group !== '' || resource.resource !== 'pods') return undefined;
  const { spec } = object as Pod;
  const containers =
    subresource === ''
      ? [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
      : subresource === 'ephemeralcontainers'
        ? (spec.ephemeralContainers ?? [])
        : undefined;
  return containers?.map(({ image = '' }) => image);
}

function specOf({ object, namespace }: AdmissionAttributes, images: readonly string[]): ImageReviewSpec {
  const forwarded = Object.entries(object?.metadata.annotations ?? {})
    .filter(([key]) => key.includes('.image-policy.k8s.io/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(images.length > 0 && { containers: images.map((image) => (image === '' ? {} : { image })) }),
    ...(forwarded.length > 0 && { annotations: Object.fromEntries(forwarded) }),
    ...(namespace !== '' && { namespace }),
  };
}

const TYPE = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1' };

function imageReview(spec: ImageReviewSpec) {
  return { ...TYPE, metadata: { creationTimestamp: null }, spec, status: { allowed: false } };
}

/** Throws if the answer isn't an ImageReview. */
function statusOf(answer: unknown): ImageReviewStatus {
  if (!isJSONObject(answer)) throw new Error('the webhook gave no ImageReview');
  const { apiVersion, kind, status } = answer;
  if (apiVersion !== TYPE.apiVersion || kind !== TYPE.kind) {
    throw new Error(`the webhook gave ${String(apiVersion)}, Kind=${String(kind)} and no ImageReview`);
  }
  const { allowed, reason, auditAnnotations } = isJSONObject(status) ? status : {};
  return {
    allowed: allowed === true,
    ...(typeof reason === 'string' && { reason }),
    ...(isJSONObject(auditAnnotations) && { auditAnnotations: auditAnnotations as Record<string, string> }),
  };
}

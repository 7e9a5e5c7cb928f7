/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/authentication/validation/validation.go */

import { type FieldError, invalid, notSupported } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import type { BoundObjectReference, TokenRequest } from '../v1/types.ts';

const MIN_SECONDS = 10 * 60;
const MAX_SECONDS = 2 ** 32;
const SPEC = FieldPath.of('spec');
const ATTESTATIONS = SPEC.child('attestations');

const WEBHOOKS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];
/** The only attestation, of tokens for webhooks: the API group of the reviews. */
const REVIEW_GROUPS = 'admissionReviewAPIGroups';

export function isWebhookReference({ apiVersion, kind }: BoundObjectReference): boolean {
  return apiVersion === 'admissionregistration.k8s.io/v1' && WEBHOOKS.includes(kind ?? '');
}

export function validateTokenRequest({ spec }: TokenRequest): FieldError[] {
  const { expirationSeconds = 0, boundObjectRef: ref, attestations = {} } = spec;
  const path = SPEC.child('expirationSeconds');
  const errors: FieldError[] = [];
  if (expirationSeconds < MIN_SECONDS) {
    errors.push(invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds > MAX_SECONDS) {
    errors.push(invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  const isBoundToWebhook = ref !== undefined && ref !== null && isWebhookReference(ref);
  if (!isBoundToWebhook && Object.keys(attestations).length > 0) {
    const detail = 'attestations may only be specified with a webhook bound object reference';
    return [invalid(ATTESTATIONS, attestations, detail)];
  }
  return isBoundToWebhook ? [...errors, ...validateWebhookRequest(spec)] : errors;
}

function validateWebhookRequest({ audiences, attestations }: TokenRequest['spec']): FieldError[] {
  const errors: FieldError[] = [];
  if (audiences?.length !== 1) {
    const detail = 'must be length 1 when bound to a webhook config';
    errors.push(invalid(SPEC.child('audiences'), audiences ?? null, detail));
  }
  const [[key, values] = ['', []], ...more] = Object.entries(attestations ?? {});
  if (key === '' || more.length > 0) {
    const detail = `webhook bound requests require exactly one ${REVIEW_GROUPS} attestation`;
    return [...errors, invalid(ATTESTATIONS, attestations ?? null, detail)];
  }
  const path = ATTESTATIONS.key(key);
  if (key !== REVIEW_GROUPS) return [...errors, notSupported(path, key, [REVIEW_GROUPS])];
  const [group = '', ...others] = values ?? [];
  if (values?.length !== 1 || others.length > 0) {
    return [...errors, invalid(path, values, 'must specify a single value')];
  }
  return [...errors, ...validateGroup(group, path.index(0))];
}

function validateGroup(group: string, path: FieldPath): FieldError[] {
  if (group === '') return [invalid(path, group, 'may not be an empty string')];
  if (group === '*') return [];
  return isDNS1123Subdomain(group).map((reason) =>
    invalid(path, group, `must specify a valid API Group: ${reason}`),
  );
}

/**
 * Requests to webhooks and their answers
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/request/admissionreview.go).
 */

import { randomUUID } from 'node:crypto';
import type { Status } from '../../meta/v1/types.ts';
import { quote } from '../../runtime/go-format.ts';
import { formatGroupVersionKind, gvkOf } from '../../runtime/group-version.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionAttributes, EquivalentResource } from '../admission.ts';
import type { VersionedObjects } from '../versioned-objects.ts';

const GROUP = 'admission.k8s.io';
const KIND = 'AdmissionReview';
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];

export interface AdmissionReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string } & Readonly<Record<string, unknown>>;
}

/** A verified answer. */
export interface AdmissionAnswer {
  readonly allowed: boolean;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  /** Set if the webhook denied the request. */
  readonly result: Partial<Status> | undefined;
  /** JSON. */
  readonly patch: Buffer | undefined;
  readonly patchType: string | undefined;
}

/** Uses the first version that the server supports. Throws if it supports none. */
export function admissionReview(
  reviewVersions: readonly string[],
  attributes: AdmissionAttributes,
  target: EquivalentResource,
  { object, oldObject }: VersionedObjects,
): AdmissionReview {
  const version = reviewVersions.find((candidate) => REVIEW_VERSIONS.includes(candidate));
  if (version === undefined) {
    throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  }
  const { user, subresource, name, namespace, operation, dryRun, options } = attributes;
  return {
    kind: KIND,
    apiVersion: `${GROUP}/${version}`,
    request: {
      uid: randomUUID(),
      kind: inOrder(target.kind, 'kind'),
      resource: inOrder(target.resource, 'resource'),
      ...(subresource !== '' && { subResource: subresource }),
      requestKind: inOrder(attributes.kind, 'kind'),
      requestResource: inOrder(attributes.resource, 'resource'),
      ...(subresource !== '' && { requestSubResource: subresource }),
      ...(name !== '' && { name }),
      ...(namespace !== '' && { namespace }),
      operation,
      userInfo: {
        username: user.name,
        ...(user.uid !== '' && { uid: user.uid }),
        ...(user.groups.length > 0 && { groups: user.groups }),
        ...(Object.keys(user.extra).length > 0 && { extra: user.extra }),
      },
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun,
      options: options.kind === '' ? null : options,
    },
  };
}

function inOrder<K extends 'kind' | 'resource'>(
  names: { readonly group: string; readonly version: string } & Readonly<Record<K, string>>,
  last: K,
): Record<string, string> {
  return { group: names.group, version: names.version, [last]: names[last] };
}

/** Throws if the answer doesn't match the request. */
export function verifyAnswer(
  answer: unknown,
  review: AdmissionReview,
  sort: 'mutating' | 'validating',
): AdmissionAnswer {
  if (!isJSONObject(answer) || !isJSONObject(answer['response'])) {
    throw new Error('webhook response was absent');
  }
  const response = answer['response'] as Readonly<Record<string, unknown>>;
  const { uid, patch: encoded, patchType } = response;
  const patch = typeof encoded === 'string' && encoded !== '' ? Buffer.from(encoded, 'base64') : undefined;
  const isV1 = review.apiVersion === `${GROUP}/v1`;
  if (isV1) {
    if (uid !== review.request.uid) {
      throw new Error(
        `expected response.uid=${quote(review.request.uid)}, got ${quote(typeof uid === 'string' ? uid : '')}`,
      );
    }
    const [expected, actual] = [review, answer as { apiVersion?: string; kind?: string }].map((one) =>
      formatGroupVersionKind(gvkOf(one)),
    );
    if (expected !== actual) throw new Error(`expected webhook response of ${expected}, got ${actual}`);
    checkPatch(patch, patchType, sort);
  }
  return {
    allowed: response['allowed'] === true,
    auditAnnotations: stringsOf(response['auditAnnotations']),
    warnings: Array.isArray(response['warnings']) ? response['warnings'].map(String) : [],
    result: isJSONObject(response['status']) ? (response['status'] as Partial<Status>) : undefined,
    patch: sort === 'mutating' ? patch : undefined,
    // v1beta1 ignored the type.
    patchType: isV1 ? (patchType as string | undefined) : 'JSONPatch',
  };
}

function checkPatch(patch: Buffer | undefined, patchType: unknown, sort: 'mutating' | 'validating'): void {
  const hasType = patchType !== undefined && patchType !== null;
  if (sort === 'validating') {
    if (patch !== undefined) throw new Error('validating webhook may not return response.patch');
    if (hasType) throw new Error('validating webhook may not return response.patchType');
    return;
  }
  if (patch !== undefined && !hasType) {
    throw new Error('webhook returned response.patch but not response.patchType');
  }
  if (patch === undefined && hasType) {
    throw new Error('webhook returned response.patchType but not response.patch');
  }
  if (hasType && patchType === '') throw new Error('webhook returned invalid response.patchType of ""');
}

function stringsOf(value: unknown): Record<string, string> {
  if (!isJSONObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string')) as Record<
    string,
    string
  >;
}

import type * as v1beta1 from '../v1beta1/types.ts';
import type { PodCertificateRequest } from './types.ts';

/** The hub has the form of v1beta1, which has fields for key and proof of possession that v1 lacks. */
export function podCertificateRequestToInternal(
  request: PodCertificateRequest,
): v1beta1.PodCertificateRequest {
  return request;
}

export function podCertificateRequestFromInternal(hub: v1beta1.PodCertificateRequest): PodCertificateRequest {
  const { pkixPublicKey, proofOfPossession, ...spec } = hub.spec;
  return { ...hub, spec };
}

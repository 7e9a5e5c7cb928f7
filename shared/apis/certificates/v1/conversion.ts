import type * as v1beta1 from '../v1beta1/types.ts';
import type { PodCertificateRequest } from './types.ts';

/** The hub is v1beta1's form, whose key and proof of possession v1 has no fields for. */
export function podCertificateRequestToInternal(
  request: PodCertificateRequest,
): v1beta1.PodCertificateRequest {
  return request;
}

export function podCertificateRequestFromInternal(hub: v1beta1.PodCertificateRequest): PodCertificateRequest {
  const { pkixPublicKey, proofOfPossession, ...spec } = hub.spec;
  return { ...hub, spec };
}

import type * as v1 from '../v1/types.ts';
import type { CertificateSigningRequest } from './types.ts';

export function certificateSigningRequestToInternal(
  csr: CertificateSigningRequest,
): v1.CertificateSigningRequest {
  return { ...csr, spec: { ...csr.spec, signerName: csr.spec.signerName ?? '' } };
}

export function certificateSigningRequestFromInternal(
  hub: v1.CertificateSigningRequest,
): CertificateSigningRequest {
  const { signerName, ...spec } = hub.spec;
  return { ...hub, spec: { ...spec, ...(signerName !== '' && { signerName }) } };
}

import { kubeletRequest, parseCertificateRequest } from '../certificate-request.ts';
import { KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, LEGACY_UNKNOWN_SIGNER } from '../signers.ts';
import type { CertificateSigningRequest, CertificateSigningRequestSpec } from './types.ts';

/** If the signer isn't named, requests of kubelets are recognized by their content. */
export function setCertificateSigningRequestDefaults({ spec }: CertificateSigningRequest): void {
  spec.signerName ??= defaultSigner(spec);
}

function defaultSigner({ request = '', usages = [] }: CertificateSigningRequestSpec): string {
  try {
    const pem = Buffer.from(request, 'base64').toString('latin1');
    const kind = kubeletRequest(parseCertificateRequest(pem), usages);
    if (kind === 'client') return KUBELET_CLIENT_SIGNER;
    if (kind === 'serving') return KUBELET_SERVING_SIGNER;
  } catch {
    // Validation reports the error.
  }
  return LEGACY_UNKNOWN_SIGNER;
}

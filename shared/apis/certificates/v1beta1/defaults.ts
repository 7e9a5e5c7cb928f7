import { kubeletRequest, parseCertificateRequest } from '../certificate-request.ts';
import { KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, LEGACY_UNKNOWN_SIGNER } from '../signers.ts';
import type { CertificateSigningRequest, CertificateSigningRequestSpec } from './types.ts';

/** Kubelets that don't name their signer are told by what they ask for. */
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
    // Validation says what is wrong with it.
  }
  return LEGACY_UNKNOWN_SIGNER;
}

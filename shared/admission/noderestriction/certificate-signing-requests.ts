import { requestedCommonName } from '../../apis/certificates/certificate-request.ts';
import type { CertificateSigningRequest } from '../../apis/certificates/v1/types.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';

/** Signers whose certificates identify nodes. */
const SIGNERS = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];

/** Nodes may request certificates for their own name only. */
export const checkCertificateSigningRequests: NodeCheck = (nodeName, attributes, { featureEnabled }) => {
  if (featureEnabled('AllowInsecureKubeletCertificateSigningRequests')) return;
  if (attributes.operation !== 'CREATE') return;
  const { signerName, request } = (attributes.object as CertificateSigningRequest).spec;
  if (!SIGNERS.includes(signerName)) return;
  let commonName: string;
  try {
    commonName = requestedCommonName(Buffer.from(request ?? '', 'base64').toString('latin1'));
  } catch (error) {
    throw forbidden(attributes, `unable to parse csr: ${(error as Error).message}`);
  }
  if (commonName === `system:node:${nodeName}`) return;
  throw forbidden(attributes, `can only create a node CSR with CN=system:node:${nodeName}`);
};

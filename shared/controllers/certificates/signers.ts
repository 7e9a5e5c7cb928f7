/**
 * Kubernetes' own signers: which requests they sign
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/certificates/signer/signer.go, pkg/apis/certificates/helpers.go).
 */

import type { CertificateRequest } from './certificate-request.ts';

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

const NODE_PREFIX = 'system:node:';
const goList = (items: readonly string[]): string => `[${items.join(' ')}]`;

/** Why the signer won't sign; undefined: it will. */
type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined;

function hasUsages(usages: readonly string[], required: readonly string[]): boolean {
  const set = new Set(usages);
  const withoutRSA = required.filter((usage) => usage !== 'key encipherment');
  return [required, withoutRSA].some(
    (all) => set.size === all.length && all.every((usage) => set.has(usage)),
  );
}

function isOfNodes({ organizations }: CertificateRequest): boolean {
  return organizations.length === 1 && organizations[0] === 'system:nodes';
}

export const kubeletClientProblem: Check = (request, usages) => {
  const required = ['client auth', 'digital signature', 'key encipherment'];
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!request.commonName.startsWith(NODE_PREFIX)) {
    return 'subject common name does not begin with system:node:';
  }
  return hasUsages(usages, required) ? undefined : `usages did not match ${goList(required)}`;
};

const kubeletServingProblem: Check = (request, usages) => {
  const required = ['digital signature', 'key encipherment', 'server auth'];
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length + request.ipAddresses.length === 0)
    return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!hasUsages(usages, required)) return `usages did not match ${goList(required)}`;
  return request.commonName.startsWith(NODE_PREFIX)
    ? undefined
    : 'subject common name does not begin with system:node:';
};

const clientProblem: Check = (_request, usages) => {
  const allowed = ['digital signature', 'key encipherment', 'client auth'];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth')
    ? undefined
    : 'missing required usage for client certificate: client auth';
};

/** By name; requests for others are someone else's. */
export const SIGNERS: ReadonlyMap<string, Check> = new Map([
  ['kubernetes.io/kube-apiserver-client', clientProblem],
  [KUBELET_CLIENT_SIGNER, kubeletClientProblem],
  ['kubernetes.io/kubelet-serving', kubeletServingProblem],
]);

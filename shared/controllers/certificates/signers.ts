/**
 * The rules of Kubernetes' own signers for the requests they sign
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/certificates/signer/signer.go,
 * pkg/apis/certificates/helpers.go).
 */

import type { CertificateRequest } from '../../apis/certificates/certificate-request.ts';
import { KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER } from '../../apis/certificates/signers.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const NODE_PREFIX = 'system:node:';
const goList = (items: readonly string[]): string => `[${items.join(' ')}]`;

/** The reason a signer refuses the request; undefined: it signs. */
type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined;

function hasUsages(usages: readonly string[], required: readonly string[]): boolean {
  const set = new Set(usages);
  const withoutRSA = required.filter((usage) => usage !== 'key encipherment');
  return [required, withoutRSA].some(
    (all) => set.size === all.length && all.every((usage) => set.has(usage)),
  );
}

function isOfNodes({ subject }: CertificateRequest): boolean {
  const organizations = subject.filter(({ type }) => type === ORGANIZATION);
  return organizations.length === 1 && organizations[0]!.value === 'system:nodes';
}

export function commonNameOf({ subject }: CertificateRequest): string {
  return subject.findLast(({ type }) => type === COMMON_NAME)?.value ?? '';
}

export const kubeletClientProblem: Check = (request, usages) => {
  const required = ['client auth', 'digital signature', 'key encipherment'];
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!commonNameOf(request).startsWith(NODE_PREFIX)) {
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
  return commonNameOf(request).startsWith(NODE_PREFIX)
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

/** Rules by signer name. Requests for other signers are ignored. */
export const SIGNERS: ReadonlyMap<string, Check> = new Map([
  ['kubernetes.io/kube-apiserver-client', clientProblem],
  [KUBELET_CLIENT_SIGNER, kubeletClientProblem],
  [KUBELET_SERVING_SIGNER, kubeletServingProblem],
]);

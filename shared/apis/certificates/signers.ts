/** The signers defined by Kubernetes. */

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
/** For v1beta1 requests that name none. v1 doesn't have this signer. */
export const LEGACY_UNKNOWN_SIGNER = 'kubernetes.io/legacy-unknown';

/** The signers that Kubernetes itself names. */

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
/** Of requests of v1beta1 that name none; v1 has no such signer. */
export const LEGACY_UNKNOWN_SIGNER = 'kubernetes.io/legacy-unknown';

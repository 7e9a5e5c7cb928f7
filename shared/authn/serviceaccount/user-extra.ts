/** Keys in a service account's `extra` (https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/serviceaccount/util.go). */
export const POD_NAME_KEY = 'authentication.kubernetes.io/pod-name';
export const POD_UID_KEY = 'authentication.kubernetes.io/pod-uid';
export const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';
export const NODE_UID_KEY = 'authentication.kubernetes.io/node-uid';
/** Audit annotation of a TokenRequest: the ID of the credential it issued. */
export const ISSUED_CREDENTIAL_ID_KEY = 'authentication.kubernetes.io/issued-credential-id';

export function credentialIDForJTI(jti: string): string {
  return `JTI=${jti}`;
}

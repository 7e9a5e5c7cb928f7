/** Key in a user's `extra` that tells which credential was shown, without giving it away. */
export const CREDENTIAL_ID_KEY = 'authentication.kubernetes.io/credential-id';

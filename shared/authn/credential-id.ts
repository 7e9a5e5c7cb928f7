/** Key in a user's `extra` for the ID of the credential, which does not disclose it. */
export const CREDENTIAL_ID_KEY = 'authentication.kubernetes.io/credential-id';

/** Programs that create tokens for kubectl. */
export const CREDENTIAL_PLUGINS: readonly string[] = ['zeroplane', 'aws'];

/** Options with everything filled in that follows from others, and what is wrong with them. */

import { defaultOptions, type ServerRunOptions } from './options.ts';

declare const completed: unique symbol;

/** Only `completeOptions` makes these. */
export type CompletedOptions = ServerRunOptions & { readonly [completed]: true };

export const DEFAULT_ISSUER = 'https://kubernetes.default.svc';

export function completeOptions(given: Partial<ServerRunOptions> = {}): CompletedOptions {
  const options = { ...defaultOptions(), ...given };
  const serviceAccountIssuer =
    options.serviceAccountIssuer.length > 0 ? options.serviceAccountIssuer : [DEFAULT_ISSUER];
  const noMode = options.authorizationMode.length === 0 && options.authorizationConfig === '';
  return {
    ...options,
    serviceAccountIssuer,
    apiAudiences: options.apiAudiences.length > 0 ? options.apiAudiences : serviceAccountIssuer,
    authorizationMode: noMode ? ['AlwaysAllow'] : options.authorizationMode,
    serviceAccountKeyFile:
      options.serviceAccountKeyFile.length > 0 || options.serviceAccountSigningKeyFile === ''
        ? options.serviceAccountKeyFile
        : [options.serviceAccountSigningKeyFile],
  } as unknown as CompletedOptions;
}

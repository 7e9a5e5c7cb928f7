/** Authenticators from options (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/authentication.go). */

import type { Secret } from '../apis/core/v1/types.ts';
import type { AuthenticatorConfig } from '../authn/authenticator-config.ts';
import { parsePublicKeys, type ServiceAccountPublicKey } from '../authn/serviceaccount/keys.ts';
import { type OpenIDMetadata, openIDMetadata } from '../authn/serviceaccount/openid-metadata.ts';
import { serviceAccountTokenGetter } from '../authn/serviceaccount/token-getter.ts';
import type { GetBootstrapSecret } from '../authn/token/bootstrap-token-authenticator.ts';
import { isNotFound } from '../meta/status-error.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import type { CompletedOptions } from './completed-options.ts';
import { readOptionFile } from './option-files.ts';

/** Milliseconds; upstream's. */
const TOKEN_SUCCESS_CACHE_TTL = 10_000;
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };

/** Reads the files that the options name. Throws Error for those that can't be read or used. */
export function authenticatorConfig(options: CompletedOptions, client: LoopbackClient): AuthenticatorConfig {
  const clientCA = readOptionFile('client-ca-file', options.clientCAFile);
  const tokens = readOptionFile('token-auth-file', options.tokenAuthFile);
  const keys = serviceAccountKeys(options);
  return {
    apiAudiences: options.apiAudiences,
    requestHeader: requestHeader(options),
    clientCA,
    tokenFile: tokens === undefined ? undefined : { csv: tokens, path: options.tokenAuthFile },
    serviceAccounts:
      keys.length === 0
        ? undefined
        : {
            issuers: options.serviceAccountIssuer,
            keys,
            getter: serviceAccountTokenGetter(() => client),
          },
    bootstrapTokens: options.enableBootstrapTokenAuth ? bootstrapSecrets(client) : undefined,
    anonymous: isAnonymousAllowed(options) ? { paths: [] } : undefined,
    tokenSuccessCacheTTL: TOKEN_SUCCESS_CACHE_TTL,
    tokenFailureCacheTTL: 0,
  };
}

/** What the server tells those who verify its service accounts' tokens. */
export function serverOpenIDMetadata(
  options: CompletedOptions,
  { serviceAccounts }: AuthenticatorConfig,
): OpenIDMetadata | undefined {
  if (serviceAccounts === undefined) return undefined;
  const { serviceAccountIssuer, serviceAccountJWKSURI, advertiseAddress, advertisePort } = options;
  try {
    return openIDMetadata({
      issuer: serviceAccountIssuer[0]!,
      jwksURI: serviceAccountJWKSURI,
      externalAddress: `${advertiseAddress || 'localhost'}:${advertisePort}`,
      keys: serviceAccounts.keys,
    });
  } catch {
    // As upstream: an issuer that OpenID doesn't allow is still good for tokens.
    return undefined;
  }
}

/** Who may do everything must at least say who he is. */
function isAnonymousAllowed({ anonymousAuth, authorizationMode }: CompletedOptions): boolean {
  return anonymousAuth && !authorizationMode.includes('AlwaysAllow');
}

function serviceAccountKeys({ serviceAccountKeyFile }: CompletedOptions): ServiceAccountPublicKey[] {
  return serviceAccountKeyFile.flatMap((path) =>
    parsePublicKeys(readOptionFile('service-account-key-file', path) ?? ''),
  );
}

const lowerCase = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase());

function requestHeader(options: CompletedOptions): AuthenticatorConfig['requestHeader'] {
  const clientCA = readOptionFile('requestheader-client-ca-file', options.requestheaderClientCAFile);
  if (clientCA === undefined) return undefined;
  return {
    clientCA,
    allowedNames: options.requestheaderAllowedNames,
    usernameHeaders: lowerCase(options.requestheaderUsernameHeaders),
    uidHeaders: lowerCase(options.requestheaderUIDHeaders),
    groupHeaders: lowerCase(options.requestheaderGroupHeaders),
    extraHeaderPrefixes: lowerCase(options.requestheaderExtraHeadersPrefix),
  };
}

function bootstrapSecrets(client: LoopbackClient): GetBootstrapSecret {
  return async (name) => {
    try {
      return await client.get<Secret>(SECRETS, { namespace: 'kube-system', name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
}

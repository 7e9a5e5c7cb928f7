/** Authentication and authorization, shared by the servers of a control plane. */

import type { RequestAuthenticator, TokenAuthenticator } from '../authn/authenticator.ts';
import { newAuthenticators } from '../authn/authenticator-config.ts';
import type { RequestHeaderNames } from '../authn/request/request-header-authenticator.ts';
import { type GetSigningKey, parseSigningKey } from '../authn/serviceaccount/keys.ts';
import type { OpenIDMetadata } from '../authn/serviceaccount/openid-metadata.ts';
import { ServiceAccountTokenGenerator } from '../authn/serviceaccount/token-generator.ts';
import type { Authorizer, RuleResolver } from '../authz/authorizer.ts';
import type { ReadFile } from '../util/read-file.ts';
import { authenticatorConfig, serverOpenIDMetadata } from './authentication.ts';
import { authorizationModes, buildAuthorizers } from './authorization.ts';
import type { ServerDependencies } from './generic-config.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { readOptionFile } from './options/option-files.ts';
import type { Runtime } from './runtime.ts';

export interface Identity {
  readonly authenticator: RequestAuthenticator;
  readonly tokenAuthenticator: TokenAuthenticator | undefined;
  /** Headers in which front proxies pass the user. */
  readonly requestHeaders: RequestHeaderNames | undefined;
  /** Signs service account tokens. */
  readonly signingKey: GetSigningKey | undefined;
  readonly tokenGenerator: ServiceAccountTokenGenerator | undefined;
  /** Undefined without keys and for issuers that OpenID doesn't allow. */
  readonly openIDMetadata: OpenIDMetadata | undefined;
  readonly authorizer: Authorizer;
  readonly authorizationModes: readonly string[];
  readonly ruleResolver: RuleResolver | undefined;
}

/** Rejects with Error for files that can't be read or are invalid. */
export async function buildIdentity(runtime: Runtime, dependencies: ServerDependencies): Promise<Identity> {
  const { options, files, readFile, keys, resources } = runtime;
  const authentication = await authenticatorConfig(options, { ...runtime, client: resources.client });
  const authenticators = newAuthenticators(authentication);
  const signingKey = serviceAccountSigningKey(options, readFile) ?? keys?.serviceAccounts.signingKey;
  const authorizers = buildAuthorizers(options, runtime, resources);
  return {
    authenticator: dependencies.authenticator ?? authenticators.request,
    tokenAuthenticator: authenticators.token,
    requestHeaders: authentication.requestHeader,
    signingKey,
    tokenGenerator:
      signingKey && new ServiceAccountTokenGenerator(options.serviceAccountIssuer[0]!, signingKey),
    openIDMetadata: serverOpenIDMetadata(options, authentication, signingKey),
    authorizer: dependencies.authorizer ?? authorizers.authorizer,
    authorizationModes: authorizationModes(options, files),
    ruleResolver: authorizers.ruleResolver,
  };
}

function serviceAccountSigningKey(
  { serviceAccountSigningKeyFile: path }: CompletedOptions,
  readFile: ReadFile,
): GetSigningKey | undefined {
  const pem = readOptionFile('service-account-signing-key-file', path, readFile);
  if (pem === undefined) return undefined;
  const key = parseSigningKey(pem);
  return async () => key;
}

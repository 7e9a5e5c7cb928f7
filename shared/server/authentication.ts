/**
 * Builds authenticators from options
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/authentication.go).
 */

import type { Secret } from '../apis/core/v1/types.ts';
import { AudienceAgnosticTokenAuthenticator } from '../authn/audiences.ts';
import type { TokenAuthenticator } from '../authn/authenticator.ts';
import type { AuthenticatorConfig } from '../authn/authenticator-config.ts';
import { withAdmins } from '../authn/awsiam/admins.ts';
import { AWSIAMAuthenticator } from '../authn/awsiam/aws-iam-authenticator.ts';
import { stsSender } from '../authn/awsiam/caller-identity.ts';
import type { AuthenticationConfiguration } from '../authn/oidc/configuration.ts';
import {
  type GetSigningKey,
  type PublicKeysGetter,
  parsePublicKeys,
  staticPublicKeys,
} from '../authn/serviceaccount/keys.ts';
import { LAST_USED_LABEL, type RecordTokenUse } from '../authn/serviceaccount/legacy-validator.ts';
import { type OpenIDMetadata, openIDMetadata } from '../authn/serviceaccount/openid-metadata.ts';
import { serviceAccountTokenGetter } from '../authn/serviceaccount/token-getter.ts';
import type { ServiceAccountTokenMetrics } from '../authn/serviceaccount/token-metrics.ts';
import type { GetBootstrapSecret } from '../authn/token/bootstrap-token-authenticator.ts';
import { CachedTokenAuthenticator } from '../authn/token/cached-token-authenticator.ts';
import { DynamicTokenAuthenticator } from '../authn/token/dynamic-token-authenticator.ts';
import { UnionTokenAuthenticator } from '../authn/token/union-token-authenticator.ts';
import { WebhookTokenAuthenticator } from '../authn/token/webhook-token-authenticator.ts';
import { parseCertificates } from '../authn/x509/certificate.ts';
import type { AccessMetrics } from '../endpoints/metrics/access-metrics.ts';
import { semanticDeepEqual } from '../meta/deep-equal.ts';
import { forbidden, formatFieldError } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { isNotFound } from '../meta/status-error.ts';
import { GenericWebhook } from '../request/webhook/generic-webhook.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { Logger } from '../util/logger.ts';
import type { ReadFile } from '../util/read-file.ts';
import { authorizationModes } from './authorization.ts';
import type { HostKeys } from './host-keys.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { type ConfigFiles, type FileParts, fromFile, reloadedFile } from './options/config-files.ts';
import { featureEnabled } from './options/feature-gates.ts';
import { readOptionFile } from './options/option-files.ts';
import { requestheaderUIDHeaders } from './options/request-header.ts';

/** Milliseconds, as in upstream. */
const TOKEN_SUCCESS_CACHE_TTL = 10_000;
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };

export interface AuthenticationParts extends FileParts {
  readonly keys: HostKeys | undefined;
  readonly client: LoopbackClient;
  readonly metrics: { readonly tokens: ServiceAccountTokenMetrics; readonly access: AccessMetrics };
  /** Restricts the addresses of issuers. */
  readonly addresses: AddressGuard;
}

/** Reads the files that options name. Rejects with Error for files that can't be read or are invalid. */
export async function authenticatorConfig(
  options: CompletedOptions,
  parts: AuthenticationParts,
): Promise<AuthenticatorConfig> {
  const { files, readFile, keys, client, logger, metrics } = parts;
  const clientCA = readOptionFile('client-ca-file', options.clientCAFile, readFile) ?? keys?.clientCA;
  const tokens = readOptionFile('token-auth-file', options.tokenAuthFile, readFile);
  const publicKeys = serviceAccountKeys(options, readFile) ?? keys?.serviceAccounts;
  return {
    apiAudiences: options.apiAudiences,
    requestHeader: requestHeader(options, readFile),
    clientCA,
    certificateUsed: (seconds) => metrics.access.certificateUsed(seconds),
    certificatesHaveUID: featureEnabled(options, 'AllowParsingUserUIDFromCertAuth'),
    tokenFile: tokens === undefined ? undefined : { csv: tokens, path: options.tokenAuthFile },
    serviceAccounts:
      publicKeys === undefined
        ? undefined
        : {
            issuers: options.serviceAccountIssuer,
            keys: publicKeys,
            getter: serviceAccountTokenGetter(() => client),
            recordTokenUse: labelLastUsed(client, logger),
            count: (use) => metrics.tokens.used(use),
          },
    bootstrapTokens: options.enableBootstrapTokenAuth ? bootstrapSecrets(client) : undefined,
    tokens: [
      ...(await oidcTokens(options, parts)),
      ...awsTokens(options, files),
      ...webhookTokens(options, parts),
    ],
    anonymous: anonymousUsers(options, files),
    tokenSuccessCacheTTL: TOKEN_SUCCESS_CACHE_TTL,
    tokenFailureCacheTTL: 0,
  };
}

/** The discovery documents for relying parties that verify service account tokens. */
export function serverOpenIDMetadata(
  options: CompletedOptions,
  { serviceAccounts }: AuthenticatorConfig,
  signingKey: GetSigningKey | undefined,
): OpenIDMetadata | undefined {
  if (serviceAccounts === undefined) return undefined;
  const keys: PublicKeysGetter = {
    getPublicKeys: async (keyID) => {
      // Clients cache the key set for an hour, so a key yet to be generated must already be in it.
      await signingKey?.();
      return serviceAccounts.keys.getPublicKeys(keyID);
    },
  };
  const { serviceAccountIssuer, serviceAccountJWKSURI } = options;
  try {
    return openIDMetadata({
      issuer: serviceAccountIssuer[0]!,
      jwksURI: serviceAccountJWKSURI,
      externalAddress: externalAddress(options),
      keys,
    });
  } catch {
    // Like upstream: tokens work even if their issuer isn't valid for OpenID discovery.
    return undefined;
  }
}

/** The public address of the server: `host:port`. */
function externalAddress({ externalHostname, advertiseAddress, advertisePort }: CompletedOptions): string {
  const host = externalHostname || advertiseAddress || 'localhost';
  if (/^(?:[^:]+|\[.*\]):\d*$/.test(host)) return host;
  return `${host.includes(':') ? `[${host}]` : host}:${advertisePort}`;
}

/** Authenticators from the current `--authentication-config`, or from the `--oidc-*` flags. */
async function oidcTokens(
  options: CompletedOptions,
  parts: AuthenticationParts,
): Promise<readonly TokenAuthenticator[]> {
  const initial = parts.files.authenticationConfig;
  if (initial === undefined) return oidcTokensOfFlags(options, parts);
  const oidc = await import('../authn/oidc/new-oidc-authenticators.ts');
  const authenticatorOf = (configuration: AuthenticationConfiguration) =>
    forTheAPI(
      oidc.newOIDCAuthenticators(configuration, {
        disallowedIssuers: options.serviceAccountIssuer,
        addresses: parts.addresses,
        logger: parts.logger,
      }),
      options,
    );
  const file = reloadedFile('authenticationConfig', options, parts, {
    value: fromFile(options.authenticationConfig, () => authenticatorOf(initial)),
    make(configuration) {
      // Other parts of the server depend on the initial setting for anonymous users.
      if (!semanticDeepEqual(configuration.anonymous, initial.anonymous)) {
        const changed = forbidden(FieldPath.of('anonymous'), 'changed from initial configuration file');
        throw new Error(formatFieldError(changed));
      }
      return authenticatorOf(configuration);
    },
  });
  return [new DynamicTokenAuthenticator(() => file.current())];
}

async function oidcTokensOfFlags(
  options: CompletedOptions,
  { readFile, addresses, logger }: AuthenticationParts,
): Promise<readonly TokenAuthenticator[]> {
  const { oidcIssuerURL: issuerURL, oidcClientID: clientID } = options;
  if (issuerURL === '') return [];
  const oidc = await import('../authn/oidc/new-oidc-authenticators.ts');
  const configuration = oidc.oidcFlagsConfiguration({
    issuerURL,
    clientID,
    certificateAuthority: readOptionFile('oidc-ca-file', options.oidcCAFile, readFile),
    usernameClaim: options.oidcUsernameClaim,
    usernamePrefix: options.oidcUsernamePrefix,
    groupsClaim: options.oidcGroupsClaim,
    groupsPrefix: options.oidcGroupsPrefix,
    requiredClaims: options.oidcRequiredClaim,
  });
  const authenticators = oidc.newOIDCAuthenticators(configuration, {
    disallowedIssuers: options.serviceAccountIssuer,
    signingAlgorithms: options.oidcSigningAlgs,
    addresses,
    logger,
  });
  return [forTheAPI(authenticators, options)];
}

/** OIDC tokens have audiences of their issuers, so authenticated tokens count as valid for the API's audiences. */
function forTheAPI(
  authenticators: readonly TokenAuthenticator[],
  { apiAudiences }: CompletedOptions,
): TokenAuthenticator {
  return new AudienceAgnosticTokenAuthenticator(apiAudiences, new UnionTokenAuthenticator(authenticators));
}

function awsTokens(
  options: CompletedOptions,
  { authenticationAWSIAMConfig }: ConfigFiles,
): readonly TokenAuthenticator[] {
  const admins = {
    clusterID: options.authenticationAWSIAMClusterID,
    arns: options.authenticationAWSIAMAdminARNs,
  };
  const configuration = withAdmins(authenticationAWSIAMConfig, admins);
  if (configuration === undefined) return [];
  const send = stsSender(options.authenticationAWSIAMSTSEndpoint);
  const authenticator = new AWSIAMAuthenticator({ configuration, send });
  return [new AudienceAgnosticTokenAuthenticator(options.apiAudiences, authenticator)];
}

function webhookTokens(
  options: CompletedOptions,
  { files: { authenticationTokenWebhookConfigFile: connection }, logger, addresses }: AuthenticationParts,
): readonly TokenAuthenticator[] {
  if (connection === undefined) return [];
  const webhook = new WebhookTokenAuthenticator({
    client: new GenericWebhook(connection, { logger, addresses }),
    version: options.authenticationTokenWebhookVersion as 'v1' | 'v1beta1',
    apiAudiences: options.apiAudiences,
  });
  const ttl = options.authenticationTokenWebhookCacheTTLSeconds * 1000;
  if (ttl <= 0) return [webhook];
  return [new CachedTokenAuthenticator(webhook, { successTTL: ttl, failureTTL: ttl, cacheErrors: false })];
}

/**
 * Anonymous authentication, which is off with AlwaysAllow so that requests with full access must at least authenticate.
 */
function anonymousUsers(options: CompletedOptions, files: ConfigFiles): AuthenticatorConfig['anonymous'] {
  const flags: AuthenticationConfiguration['anonymous'] = { enabled: options.anonymousAuth };
  const { anonymous = flags } = files.authenticationConfig ?? {};
  if (anonymous.enabled && !options.anonymousAuth) {
    throw new Error(
      '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    );
  }
  if (!anonymous.enabled || authorizationModes(options, files).includes('AlwaysAllow')) return undefined;
  return { paths: anonymous.conditions?.map(({ path = '' }) => path) ?? [] };
}

function serviceAccountKeys(
  { serviceAccountKeyFile }: CompletedOptions,
  readFile: ReadFile,
): PublicKeysGetter | undefined {
  if (serviceAccountKeyFile.length === 0) return undefined;
  const texts = serviceAccountKeyFile.map((path) =>
    readOptionFile('service-account-key-file', path, readFile),
  );
  return staticPublicKeys(texts.flatMap((text) => parsePublicKeys(text ?? '')));
}

const lowerCase = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase());

function requestHeader(options: CompletedOptions, readFile: ReadFile): AuthenticatorConfig['requestHeader'] {
  const path = options.requestheaderClientCAFile;
  const clientCA = readOptionFile('requestheader-client-ca-file', path, readFile);
  if (clientCA === undefined) return undefined;
  const users = readOptionFile('client-ca-file', options.clientCAFile, readFile);
  if (users !== undefined && options.requestheaderAllowedNames.length === 0 && overlap(users, clientCA)) {
    throw new Error(
      '--requestheader-client-ca-file and --client-ca-file contain overlapping certificates; --requestheader-allowed-names must be specified to ensure regular client certificates cannot set authenticating proxy headers for arbitrary users',
    );
  }
  return {
    clientCA,
    allowedNames: options.requestheaderAllowedNames,
    usernameHeaders: lowerCase(options.requestheaderUsernameHeaders),
    uidHeaders: lowerCase(requestheaderUIDHeaders(options)),
    groupHeaders: lowerCase(options.requestheaderGroupHeaders),
    extraHeaderPrefixes: lowerCase(options.requestheaderExtraHeadersPrefix),
  };
}

/** Whether two bundles share a certificate. */
function overlap(one: string, other: string): boolean {
  const fingerprints = (bundle: string) => parseCertificates(bundle).map(({ x509 }) => x509.fingerprint512);
  const known = new Set(fingerprints(one));
  return fingerprints(other).some((fingerprint) => known.has(fingerprint));
}

function labelLastUsed(client: LoopbackClient, logger: Logger): RecordTokenUse {
  return async ({ metadata: { namespace, name = '', uid } }, day) => {
    try {
      const labels = { [LAST_USED_LABEL]: day };
      await client.patch(SECRETS, { metadata: { uid, labels } }, { namespace, name });
    } catch (error) {
      logger.error(`Unable to label the legacy token ${namespace}/${name} as used`, error);
    }
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

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/authenticator/config.go */

import { AudienceAgnosticRequestAuthenticator, AudienceAgnosticTokenAuthenticator } from './audiences.ts';
import { AuthenticatedGroupAdder } from './authenticated-group.ts';
import type { RequestAuthenticator, TokenAuthenticator } from './authenticator.ts';
import { AnonymousAuthenticator } from './request/anonymous-authenticator.ts';
import { BearerTokenAuthenticator } from './request/bearer-token-authenticator.ts';
import {
  RequestHeaderAuthenticator,
  type RequestHeaderNames,
} from './request/request-header-authenticator.ts';
import {
  FailOnErrorRequestAuthenticator,
  UnionRequestAuthenticator,
} from './request/union-request-authenticator.ts';
import { WebSocketAuthenticator } from './request/websocket-authenticator.ts';
import { boundTokenValidator } from './serviceaccount/bound-validator.ts';
import { LEGACY_ISSUER } from './serviceaccount/claims.ts';
import type { PublicKeysGetter } from './serviceaccount/keys.ts';
import { legacyTokenValidator, type RecordTokenUse } from './serviceaccount/legacy-validator.ts';
import { ServiceAccountTokenAuthenticator } from './serviceaccount/token-authenticator.ts';
import type { ServiceAccountTokenGetter } from './serviceaccount/token-getter.ts';
import type { CountTokenUse } from './serviceaccount/token-metrics.ts';
import {
  BootstrapTokenAuthenticator,
  type GetBootstrapSecret,
} from './token/bootstrap-token-authenticator.ts';
import { CachedTokenAuthenticator } from './token/cached-token-authenticator.ts';
import { TokenFileAuthenticator } from './token/token-file-authenticator.ts';
import { UnionTokenAuthenticator } from './token/union-token-authenticator.ts';
import { ClientCertificateVerifier } from './x509/verifier.ts';
import { type GetVerifier, X509Authenticator } from './x509/x509-authenticator.ts';

/** The authenticators to enable; undefined ones are disabled. Files are given by content. */
export interface AuthenticatorConfig {
  /** Audiences of this server (`--api-audiences`). */
  readonly apiAudiences: readonly string[];
  readonly requestHeader?:
    | (RequestHeaderNames & {
        /** PEM bundle of the CA that signs front proxies' certificates. */
        readonly clientCA: string;
        /** Accepted common names; empty: all. */
        readonly allowedNames: readonly string[];
      })
    | undefined;
  /** PEM bundle (`--client-ca-file`), or a function that returns it when a client presents a certificate. */
  readonly clientCA?: string | GetClientCA | undefined;
  /** Default: true. */
  readonly certificatesHaveUID?: boolean;
  /** Called with the seconds until a client certificate that was verified expires. */
  readonly certificateUsed?: ((seconds: number) => void) | undefined;
  readonly tokenFile?: { readonly csv: string; readonly path: string } | undefined;
  readonly serviceAccounts?:
    | {
        /** The first one issues tokens; tokens of all are accepted. */
        readonly issuers: readonly string[];
        readonly keys: PublicKeysGetter;
        readonly getter: ServiceAccountTokenGetter;
        readonly recordTokenUse?: RecordTokenUse | undefined;
        readonly count?: CountTokenUse | undefined;
      }
    | undefined;
  readonly bootstrapTokens?: GetBootstrapSecret | undefined;
  /** Further token authenticators (OIDC, webhook, AWS IAM), local ones first. */
  readonly tokens?: readonly TokenAuthenticator[] | undefined;
  /** `paths`: restricts anonymous requests to these; empty: all paths. */
  readonly anonymous?: { readonly paths: readonly string[] } | undefined;
  /** Milliseconds. Upstream: 10,000 and 0. */
  readonly tokenSuccessCacheTTL: number;
  readonly tokenFailureCacheTTL: number;
}

/** Undefined if there is no bundle yet. */
type GetClientCA = () => Promise<string | undefined>;

/** A literal bundle is parsed immediately, a dynamic one when it is fetched. */
function getVerifier(clientCA: string | GetClientCA): GetVerifier {
  if (typeof clientCA === 'string') {
    const verifier = new ClientCertificateVerifier(clientCA);
    return async () => verifier;
  }
  let known: { readonly bundle: string; readonly verifier: ClientCertificateVerifier } | undefined;
  return async () => {
    const bundle = await clientCA();
    if (bundle === undefined) return undefined;
    if (known?.bundle !== bundle) known = { bundle, verifier: new ClientCertificateVerifier(bundle) };
    return known.verifier;
  };
}

export interface Authenticators {
  readonly request: RequestAuthenticator;
  /** For TokenReview; undefined if no kind of token is accepted. */
  readonly token: TokenAuthenticator | undefined;
}

function tokenAuthenticators(config: AuthenticatorConfig): TokenAuthenticator[] {
  const { apiAudiences, tokenFile, serviceAccounts, bootstrapTokens, tokens = [] } = config;
  const agnostic = (delegate: TokenAuthenticator) =>
    new AudienceAgnosticTokenAuthenticator(apiAudiences, delegate);
  const chain: TokenAuthenticator[] = [];
  if (tokenFile !== undefined)
    chain.push(agnostic(new TokenFileAuthenticator(tokenFile.csv, tokenFile.path)));
  if (serviceAccounts !== undefined) {
    const { issuers, keys, getter, recordTokenUse, count } = serviceAccounts;
    const common = { keys, apiAudiences, count };
    chain.push(
      new ServiceAccountTokenAuthenticator({
        ...common,
        issuers: [LEGACY_ISSUER],
        validate: legacyTokenValidator(getter, recordTokenUse, Date.now, count),
      }),
      new ServiceAccountTokenAuthenticator({
        ...common,
        issuers,
        validate: boundTokenValidator(getter, Date.now, count),
      }),
    );
  }
  if (bootstrapTokens !== undefined) chain.push(agnostic(new BootstrapTokenAuthenticator(bootstrapTokens)));
  return [...chain, ...tokens];
}

/** Throws for invalid configuration, such as CA bundles without certificates or token files with short lines. */
export function newAuthenticators(config: AuthenticatorConfig): Authenticators {
  const { apiAudiences, requestHeader, clientCA, anonymous } = config;
  const requests: RequestAuthenticator[] = [];
  if (requestHeader !== undefined) {
    const verifier = new ClientCertificateVerifier(requestHeader.clientCA);
    const headers = new RequestHeaderAuthenticator({ ...requestHeader, verifier });
    requests.push(new AudienceAgnosticRequestAuthenticator(apiAudiences, headers));
  }
  if (clientCA !== undefined)
    requests.push(
      new X509Authenticator(
        getVerifier(clientCA),
        config.certificatesHaveUID ?? true,
        config.certificateUsed,
      ),
    );

  let token: TokenAuthenticator | undefined;
  const tokens = tokenAuthenticators(config);
  if (tokens.length > 0) {
    token = new UnionTokenAuthenticator(tokens);
    const [successTTL, failureTTL] = [config.tokenSuccessCacheTTL, config.tokenFailureCacheTTL];
    if (successTTL > 0 || failureTTL > 0) {
      token = new CachedTokenAuthenticator(token, { successTTL, failureTTL, cacheErrors: true });
    }
    requests.push(
      new BearerTokenAuthenticator(token, apiAudiences),
      new WebSocketAuthenticator(token, apiAudiences),
    );
  }

  let request: RequestAuthenticator = new AuthenticatedGroupAdder(new UnionRequestAuthenticator(requests));
  if (anonymous !== undefined) {
    request = new FailOnErrorRequestAuthenticator([
      request,
      new AnonymousAuthenticator(apiAudiences, anonymous.paths),
    ]);
  }
  return { request, token };
}

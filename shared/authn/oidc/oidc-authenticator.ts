/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/authenticator/token/oidc/oidc.go */

import type { UserInfo } from '../../request/user-info.ts';
import type { AddressGuard } from '../../util/address-guard.ts';
import type { JSONObject, JSONValue } from '../../util/json.ts';
import type { Logger } from '../../util/logger.ts';
import {
  AuthenticationError,
  type AuthenticatorResponse,
  type TokenAuthenticator,
} from '../authenticator.ts';
import { CREDENTIAL_ID_KEY } from '../credential-id.ts';
import { credentialIDForJTI } from '../serviceaccount/user-extra.ts';
import type { ClaimMapping, JWTAuthenticator } from './configuration.ts';
import { resolveDistributedClaim } from './distributed-claims.ts';
import { type Expression, evaluateClaims, evaluateUser, stringsOf } from './expressions.ts';
import { IDTokenVerifier } from './id-token-verifier.ts';
import { DocumentFetcher, Provider } from './provider.ts';
import { untrustedIssuer } from './untrusted-issuer.ts';
import type { CompiledAuthenticator } from './validation.ts';

export const OIDC_SIGNING_ALGORITHMS: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];

const MAX_TOKEN_LENGTH = 64 * 1024;
const MAX_ISSUERS = 64;

export interface OIDCAuthenticatorOptions {
  readonly configuration: JWTAuthenticator;
  readonly compiled: CompiledAuthenticator;
  readonly signingAlgorithms: readonly string[];
  readonly now?: () => number;
  readonly addresses?: AddressGuard | undefined;
  /** Logs each call. */
  readonly logger?: Logger | undefined;
}

function claimOf(claims: JSONObject, name: string): JSONValue | undefined {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function stringClaimOf(claims: JSONObject, name: string, what: string): string {
  const value = claimOf(claims, name);
  if (typeof value === 'string') return value;
  const why = value === undefined ? 'claim not present' : 'claim is not a string';
  throw new AuthenticationError(`oidc: parse ${what} claim "${name}": ${why}`);
}

function evaluated<T>(what: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    throw new AuthenticationError(`oidc: error evaluating ${what}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Authenticates tokens of one OpenID provider and maps them to users as configured. */
export class OIDCAuthenticator implements TokenAuthenticator {
  readonly #options: OIDCAuthenticatorOptions;
  readonly #issuerURL: string;
  readonly #fetcher: DocumentFetcher;
  readonly #verifiers = new Map<string, IDTokenVerifier>();

  constructor(options: OIDCAuthenticatorOptions) {
    this.#options = options;
    this.#issuerURL = options.configuration.issuer.url ?? '';
    const { certificateAuthority } = options.configuration.issuer;
    this.#fetcher = new DocumentFetcher(certificateAuthority, options);
  }

  /** `discoveryURL` applies to the configured issuer only. */
  #verifierOf(issuerURL: string): IDTokenVerifier {
    let verifier = this.#verifiers.get(issuerURL);
    if (verifier === undefined) {
      const { configuration, signingAlgorithms, now = Date.now } = this.#options;
      const { audiences = [], discoveryURL } = configuration.issuer;
      const own = issuerURL === this.#issuerURL ? discoveryURL : undefined;
      const provider = new Provider({ issuerURL, discoveryURL: own, now }, this.#fetcher);
      verifier = new IDTokenVerifier({ issuerURL, audiences, signingAlgorithms, now }, provider);
      // Distributed claims may name any issuer, so the map is bounded; its first entry is the configured issuer.
      if (this.#verifiers.size >= MAX_ISSUERS) this.#verifiers.delete([...this.#verifiers.keys()][1]!);
      this.#verifiers.set(issuerURL, verifier);
    }
    return verifier;
  }

  async authenticateToken(token: string): Promise<AuthenticatorResponse | undefined> {
    if (token.length > MAX_TOKEN_LENGTH || untrustedIssuer(token) !== this.#issuerURL) return undefined;
    let claims = await this.#verifierOf(this.#issuerURL).verify(token);
    const { claimMappings } = this.#options.configuration;
    const groupsClaim = claimMappings.groups?.claim;
    if (groupsClaim) {
      const verifierOf = (issuer: string) => this.#verifierOf(issuer);
      claims = await resolveDistributedClaim(claims, {
        claim: groupsClaim,
        fetcher: this.#fetcher,
        verifierOf,
      });
    }
    const user: UserInfo = {
      name: this.#username(claims),
      uid: this.#uid(claims),
      groups: this.#groups(claims),
      extra: this.#extra(claims),
    };
    this.#checkClaims(claims);
    this.#checkUser(user);
    return { user, audiences: [] };
  }

  #username(claims: JSONObject): string {
    const { username: expression } = this.#options.compiled;
    if (expression !== undefined) {
      const name = this.#string(expression, claims, 'username');
      if (name === '')
        throw new AuthenticationError('oidc: empty username via CEL expression is not allowed');
      return name;
    }
    const { claim = '', prefix = '' }: ClaimMapping =
      this.#options.configuration.claimMappings.username ?? {};
    const name = stringClaimOf(claims, claim, 'username');
    const verified = claimOf(claims, 'email_verified');
    if (claim === 'email' && verified !== undefined && verified !== true) {
      throw new AuthenticationError('oidc: email not verified');
    }
    return prefix + name;
  }

  #string(expression: Expression, claims: JSONObject, what: string): string {
    return evaluated(`${what} claim expression`, () => {
      const value = evaluateClaims(expression, claims);
      if (typeof value !== 'string') {
        throw new AuthenticationError(`${what} claim expression must return a string`);
      }
      return value;
    });
  }

  #groups(claims: JSONObject): string[] {
    const { groups: expression } = this.#options.compiled;
    if (expression !== undefined) {
      return evaluated('group claim expression', () => stringsOf(evaluateClaims(expression, claims)));
    }
    const { claim = '', prefix = '' } = this.#options.configuration.claimMappings.groups ?? {};
    const value = claim === '' ? undefined : claimOf(claims, claim);
    if (value === undefined) return [];
    const groups = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) {
      throw new AuthenticationError(`oidc: parse groups claim "${claim}": no string and no list of strings`);
    }
    return groups.map((group) => prefix + group);
  }

  #uid(claims: JSONObject): string {
    const { uid: expression } = this.#options.compiled;
    if (expression !== undefined) return this.#string(expression, claims, 'uid');
    const claim = this.#options.configuration.claimMappings.uid?.claim;
    return claim ? stringClaimOf(claims, claim, 'uid') : '';
  }

  #extra(claims: JSONObject): Record<string, string[]> {
    const jti = claimOf(claims, 'jti');
    const entries: [string, string[]][] = this.#options.compiled.extra.map(({ key, value }) => [
      key,
      evaluated(`extra claim expression: ${value.source}`, () => stringsOf(evaluateClaims(value, claims))),
    ]);
    if (typeof jti === 'string' && jti !== '') entries.push([CREDENTIAL_ID_KEY, [credentialIDForJTI(jti)]]);
    return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
  }

  #checkClaims(claims: JSONObject): void {
    for (const { claim, requiredValue = '' } of this.#options.configuration.claimValidationRules ?? []) {
      if (!claim) continue;
      const value = claimOf(claims, claim);
      if (value === undefined) {
        throw new AuthenticationError(`oidc: required claim ${claim} not present in ID token`);
      }
      if (value !== requiredValue) {
        throw new AuthenticationError(`oidc: required claim ${claim} value does not match`);
      }
    }
    for (const { expression, message } of this.#options.compiled.claimRules) {
      const what = 'claim validation expression';
      evaluated(what, () => holds(expression, evaluateClaims(expression, claims), message));
    }
  }

  #checkUser(user: UserInfo): void {
    for (const { expression, message } of this.#options.compiled.userRules) {
      const what = 'user info validation rule';
      evaluated(what, () => holds(expression, evaluateUser(expression, user), message));
    }
  }
}

function holds({ source }: Expression, value: unknown, message: string): void {
  if (value === true) return;
  if (value === false) throw new AuthenticationError(`validation expression '${source}' failed: ${message}`);
  throw new AuthenticationError('validation expression must return a boolean');
}

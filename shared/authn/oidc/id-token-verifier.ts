/** Verifies ID tokens of an issuer (https://github.com/coreos/go-oidc, `IDTokenVerifier`). */

import type { JSONWebKeySet } from 'jose';
import { quoteAll } from '../../runtime/go-format.ts';
import { isJSONObject, type JSONObject } from '../../util/json.ts';
import { AuthenticationError } from '../authenticator.ts';
import type { Provider } from './provider.ts';

/** Clock skew allowed for tokens that are not valid yet. */
const NOT_BEFORE_LEEWAY_MS = 5 * 60_000;

export interface VerifierOptions {
  readonly issuerURL: string;
  readonly audiences: readonly string[];
  readonly signingAlgorithms: readonly string[];
  readonly now: () => number;
}

function audiencesOf(claims: JSONObject): string[] {
  const { aud } = claims;
  if (typeof aud === 'string') return [aud];
  return Array.isArray(aud) ? aud.filter((one) => typeof one === 'string') : [];
}

export class IDTokenVerifier {
  readonly #options: VerifierOptions;
  readonly #provider: Provider;

  constructor(options: VerifierOptions, provider: Provider) {
    this.#options = options;
    this.#provider = provider;
  }

  /**
   * Returns the claims of a token that is signed, valid now, and issued for one of our audiences. Rejects with
   * `AuthenticationError`.
   */
  async verify(token: string): Promise<JSONObject> {
    const claims = await this.#signedClaims(token);
    const { issuerURL, audiences, now } = this.#options;
    const isGoogle = issuerURL === 'https://accounts.google.com' && claims['iss'] === 'accounts.google.com';
    if (claims['iss'] !== issuerURL && !isGoogle) {
      throw new AuthenticationError('oidc: id token issued by a different provider');
    }
    const given = audiencesOf(claims);
    if (!given.some((audience) => audiences.includes(audience))) {
      throw new AuthenticationError(
        `oidc: expected audience in ${quoteAll([...audiences].sort())} got ${quoteAll(given)}`,
      );
    }
    const { exp, nbf } = claims;
    if (typeof exp !== 'number' || now() > exp * 1000)
      throw new AuthenticationError('oidc: token is expired');
    if (nbf !== undefined && (typeof nbf !== 'number' || now() + NOT_BEFORE_LEEWAY_MS < nbf * 1000)) {
      throw new AuthenticationError('oidc: current time is before the nbf (not before) time');
    }
    return claims;
  }

  async #signedClaims(token: string): Promise<JSONObject> {
    const { errors } = await import('jose');
    try {
      return await this.#check(token, await this.#provider.keys());
    } catch (error) {
      const isUnknownKey =
        error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
      if (!isUnknownKey) throw asAuthenticationError(error);
    }
    try {
      return await this.#check(token, await this.#provider.keys({ lacksKey: true }));
    } catch (error) {
      throw asAuthenticationError(error);
    }
  }

  async #check(token: string, keys: JSONWebKeySet): Promise<JSONObject> {
    const { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors, importJWK } = await import(
      'jose'
    );
    const algorithms = [...this.#options.signingAlgorithms];
    const find = createLocalJWKSet(keys);
    let payload: Uint8Array;
    try {
      ({ payload } = await compactVerify(token, find, { algorithms }));
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      const { alg } = decodeProtectedHeader(token);
      const candidates = await Promise.allSettled(
        [...keys.keys].map(async (key) => compactVerify(token, await importJWK(key, alg), { algorithms })),
      );
      const verified = candidates.find((one) => one.status === 'fulfilled');
      if (verified === undefined) throw new errors.JWSSignatureVerificationFailed();
      payload = verified.value.payload;
    }
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (!isJSONObject(claims)) throw new AuthenticationError('oidc: failed to unmarshal claims');
    return claims;
  }
}

function asAuthenticationError(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error;
  return new AuthenticationError(`oidc: verify token: ${(error as Error).message}`, { cause: error });
}

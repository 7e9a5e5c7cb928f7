/** https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/jwt.go */

import type { UserInfo } from '../../request/user-info.ts';
import { aggregateMessages, quoteAll } from '../../runtime/go-format.ts';
import { isJSONObject, type JSONObject } from '../../util/json.ts';
import { intersectAudiences } from '../audiences.ts';
import {
  AuthenticationError,
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  type TokenAuthenticator,
} from '../authenticator.ts';
import { jwtParts } from '../jwt-parts.ts';
import type { PublicKeysGetter } from './keys.ts';
import type { CountTokenUse } from './token-metrics.ts';

/**
 * Checks the claims of a token with a valid signature against the objects it is bound to. Rejects with
 * `AuthenticationError`.
 */
export type ClaimsValidator = (
  claims: JSONObject,
  token: string,
  recorder?: AuthenticationRecorder,
) => Promise<UserInfo>;

/** go-jose's message for a signature by another key; TokenReviews return it. */
const FORGED = 'go-jose/go-jose: error in cryptographic primitive';

/** Maximum length of a JWT; signatures of longer ones are not checked. */
const MAX_TOKEN_LENGTH = 64 * 1024;

export interface ServiceAccountTokenAuthenticatorOptions {
  readonly issuers: readonly string[];
  readonly keys: PublicKeysGetter;
  readonly apiAudiences: readonly string[];
  readonly validate: ClaimsValidator;
  readonly count?: CountTokenUse | undefined;
}

/** Decodes a part of a JWT without verification; undefined if it is invalid. */
function decodePart(part: string | undefined): JSONObject | undefined {
  if (part === undefined || !/^[\w-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isJSONObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function audiencesOf({ aud }: JSONObject): string[] {
  const audiences = typeof aud === 'string' ? [aud] : (aud ?? []);
  if (!Array.isArray(audiences) || !audiences.every((one) => typeof one === 'string')) {
    throw new AuthenticationError('token audience is invalid');
  }
  return audiences;
}

/** Verifies tokens issued by the current or an earlier configuration of the server. */
export class ServiceAccountTokenAuthenticator implements TokenAuthenticator {
  readonly #options: ServiceAccountTokenAuthenticatorOptions;
  readonly #issuers: ReadonlySet<unknown>;

  constructor(options: ServiceAccountTokenAuthenticatorOptions) {
    this.#options = options;
    this.#issuers = new Set(options.issuers);
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const [headerPart, claimsPart] = jwtParts(token) ?? [];
    // Unverified: this only determines whether the token was issued by this server.
    if (!this.#issuers.has(decodePart(claimsPart)?.['iss'])) return undefined;
    const header = decodePart(headerPart);
    if (header === undefined) return undefined;

    const claims = await this.#verify(token, header['kid']);
    if (!this.#issuers.has(claims['iss'])) throw new AuthenticationError('token issuer is invalid');

    const { apiAudiences } = this.#options;
    let tokenAudiences = audiencesOf(claims);
    if (tokenAudiences.length === 0) {
      recorder?.addAuditAnnotation('authentication.k8s.io/legacy-token', String(claims['sub'] ?? ''));
      this.#options.count?.('legacy');
      tokenAudiences = [...apiAudiences];
    }
    const wanted = audiences.length === 0 ? apiAudiences : audiences;
    const common = intersectAudiences(tokenAudiences, wanted);
    if (common.length === 0 && apiAudiences.length > 0) {
      throw new AuthenticationError(
        `token audiences ${quoteAll(tokenAudiences)} is invalid for the target audiences ${quoteAll(wanted)}`,
      );
    }
    const user = await this.#options.validate(claims, token, recorder);
    return { user, audiences: common };
  }

  async #verify(token: string, kid: unknown): Promise<JSONObject> {
    const { compactVerify, errors } = await import('jose');
    const keys = await this.#options.keys.getPublicKeys(typeof kid === 'string' ? kid : '');
    const candidates = kid === undefined || kid === '' ? keys : keys.filter(({ keyID }) => keyID === kid);
    if (candidates.length === 0) throw new AuthenticationError('invalid signature, no keys found');
    const failures: string[] = [];
    for (const { key, algorithm } of candidates) {
      try {
        const { payload } = await compactVerify(token, key, { algorithms: [algorithm] });
        const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
        if (isJSONObject(claims)) return claims;
        failures.push('token claims are not an object');
      } catch (error) {
        const isForged = error instanceof errors.JWSSignatureVerificationFailed;
        failures.push(isForged ? FORGED : (error as Error).message);
      }
    }
    throw new AuthenticationError(aggregateMessages(failures));
  }
}

/** The value of a string claim; '' if it is missing or not a string. */
export function stringClaim(claims: JSONObject, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' ? value : '';
}

export function missingClaim(name: string): AuthenticationError {
  return new AuthenticationError(`${name} claim is missing`);
}

export function mismatch(what: string, actual: string, claimed: string, claim: string): AuthenticationError {
  return new AuthenticationError(`${what} UID (${actual}) does not match ${claim} (${claimed})`);
}

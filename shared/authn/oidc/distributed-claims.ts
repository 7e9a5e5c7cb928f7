/** Claims that a token refers to but does not contain (OpenID Connect Core 5.6.2), such as large lists of groups. */

import { isJSONObject, type JSONObject } from '../../util/json.ts';
import { AuthenticationError } from '../authenticator.ts';
import type { IDTokenVerifier } from './id-token-verifier.ts';
import type { DocumentFetcher } from './provider.ts';
import { untrustedIssuer } from './untrusted-issuer.ts';

export interface ClaimResolverOptions {
  readonly claim: string;
  readonly fetcher: DocumentFetcher;
  /** Returns a verifier for the tokens of the issuer that the source names. */
  verifierOf(issuerURL: string): IDTokenVerifier;
}

const own = (object: unknown, key: string): unknown =>
  isJSONObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;

/** Returns the claims, after fetching `claim` if the token refers to it. Rejects with `AuthenticationError`. */
export async function resolveDistributedClaim(
  claims: JSONObject,
  { claim, fetcher, verifierOf }: ClaimResolverOptions,
): Promise<JSONObject> {
  const names = claims['_claim_names'];
  if (Object.hasOwn(claims, claim) || names === undefined) return claims;
  const sources = claims['_claim_sources'];
  if (!isJSONObject(names)) throw new AuthenticationError('oidc: error parsing distributed claim names');
  if (!isJSONObject(sources)) throw new AuthenticationError('oidc: no claim sources');
  const name = own(names, claim);
  if (name === undefined) return claims;
  const source = own(sources, String(name));
  if (!isJSONObject(source)) {
    throw new AuthenticationError(
      `id token _claim_names contained a source ${String(name)} missing in _claims_sources`,
    );
  }
  const endpoint = source['endpoint'];
  if (typeof endpoint !== 'string' || endpoint === '') return claims;
  const accessToken = source['access_token'];
  const headers: Record<string, string> =
    typeof accessToken === 'string' ? { authorization: `Bearer ${accessToken}` } : {};
  let token: string;
  try {
    token = await fetcher.text(endpoint, headers);
  } catch (cause) {
    throw new AuthenticationError(`while getting distributed claim "${claim}"`, { cause });
  }
  const issuer = untrustedIssuer(token);
  if (issuer === undefined)
    throw new AuthenticationError(`getting untrusted issuer failed for claim "${claim}"`);
  const found = own(await verifierOf(issuer).verify(token), claim);
  if (found === undefined) {
    throw new AuthenticationError(
      `jwt returned by distributed claim endpoint did not contain claim: ${claim}`,
    );
  }
  return { ...claims, [claim]: found as JSONObject };
}

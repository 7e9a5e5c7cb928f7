/** https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/openidmetadata.go */

import type { PublicKeysGetter } from './keys.ts';

export const OPENID_CONFIGURATION_PATH = '/.well-known/openid-configuration';
export const JWKS_PATH = '/openid/v1/jwks';
/** For both documents, as upstream sends it. */
export const OPENID_CACHE_CONTROL = 'public, max-age=3600';

export interface OpenIDDocument {
  readonly contentType: string;
  readonly body: string;
}

/** The documents for relying parties, generated on demand. */
export interface OpenIDMetadata {
  configuration(): Promise<OpenIDDocument>;
  keys(): Promise<OpenIDDocument>;
}

export interface OpenIDMetadataOptions {
  readonly issuer: string;
  /** `--service-account-jwks-uri`; default: an address of this server. */
  readonly jwksURI?: string | undefined;
  /** Host and port, for the default of `jwksURI`. */
  readonly externalAddress: string;
  readonly keys: PublicKeysGetter;
}

function httpsURL(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') throw new Error(`${what} must use https scheme, got: ${text}`);
  return url;
}

/**
 * The documents that relying parties need to verify service account tokens. Throws for an issuer that OpenID does not
 * allow.
 */
export function openIDMetadata({
  issuer,
  jwksURI,
  externalAddress,
  keys,
}: OpenIDMetadataOptions): OpenIDMetadata {
  const url = httpsURL(issuer, 'issuer URL');
  if (url.search !== '') throw new Error(`issuer URL may not include a query, got: ${issuer}`);
  if (url.hash !== '') throw new Error(`issuer URL may not include a fragment, got: ${issuer}`);
  if (jwksURI) httpsURL(jwksURI, 'jwksURI');
  return {
    async configuration() {
      const algorithms = (await keys.getPublicKeys('')).map(({ algorithm }) => algorithm);
      const configuration = {
        issuer,
        jwks_uri: jwksURI || `https://${externalAddress}${JWKS_PATH}`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: [...new Set(algorithms)].sort(),
      };
      return { contentType: 'application/json', body: JSON.stringify(configuration) };
    },
    async keys() {
      const jwks = (await keys.getPublicKeys('')).map(({ key, keyID, algorithm }) => {
        const { kty, ...numbers } = key.export({ format: 'jwk' });
        return { use: 'sig', kty, kid: keyID, alg: algorithm, ...numbers };
      });
      return { contentType: 'application/jwk-set+json', body: JSON.stringify({ keys: jwks }) };
    },
  };
}

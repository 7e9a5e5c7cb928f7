import { DEFAULT_ISSUER } from '../../shared/server/options/completed-options.ts';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';

const HTTPS_PORT = 443;

/**
 * Options derived from the API's address: its domain (`ZEROPLANE_DOMAIN_NAME`), otherwise the gateway's own address. It
 * is the issuer of tokens, and serves the keys to verify them. Tokens issued before there was a domain stay valid, and
 * so do those for `https://kubernetes.default.svc`.
 */
export function addressOptions(
  environment: Readonly<Record<string, string | undefined>>,
  endpoint: string | undefined,
): Partial<ServerRunOptions> {
  const domain = environment['ZEROPLANE_DOMAIN_NAME'];
  const addresses = [...(domain ? [`https://${domain}`] : []), ...(endpoint === undefined ? [] : [endpoint])];
  const [address] = addresses;
  if (address === undefined) return { advertisePort: HTTPS_PORT };
  return {
    advertiseAddress: new URL(address).hostname,
    advertisePort: HTTPS_PORT,
    serviceAccountIssuer: [...addresses, DEFAULT_ISSUER],
    serviceAccountJWKSURI: `${address}/openid/v1/jwks`,
  };
}

import { isJSONObject } from '../../util/json.ts';

/**
 * The issuer claimed by a token, unverified: use it only to choose the verifier. Undefined if the token is not a JWT.
 */
export function untrustedIssuer(token: string): string | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || !/^[\w-]+$/.test(parts[1]!)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString());
    const issuer = isJSONObject(claims) ? claims['iss'] : undefined;
    if (issuer === 'accounts.google.com') return 'https://accounts.google.com';
    return typeof issuer === 'string' ? issuer : undefined;
  } catch {
    return undefined;
  }
}

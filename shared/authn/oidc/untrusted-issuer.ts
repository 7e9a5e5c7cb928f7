import { isJSONObject } from '../../util/json.ts';
import { jwtParts } from '../jwt-parts.ts';

/**
 * The issuer claimed by a token, unverified: use it only to choose the verifier. Undefined if the token is not a JWT.
 */
export function untrustedIssuer(token: string): string | undefined {
  const [, part] = jwtParts(token) ?? [];
  if (part === undefined || !/^[\w-]+$/.test(part)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    const issuer = isJSONObject(claims) ? claims['iss'] : undefined;
    if (issuer === 'accounts.google.com') return 'https://accounts.google.com';
    return typeof issuer === 'string' ? issuer : undefined;
  } catch {
    return undefined;
  }
}

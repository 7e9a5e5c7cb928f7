import type { GetSigningKey } from './keys.ts';

/** Signs service account tokens. */
export class ServiceAccountTokenGenerator {
  readonly #issuer: string;
  readonly #signingKey: GetSigningKey;

  constructor(issuer: string, signingKey: GetSigningKey) {
    this.#issuer = issuer;
    this.#signingKey = signingKey;
  }

  async generateToken(claims: object): Promise<string> {
    const { CompactSign } = await import('jose');
    const { key, keyID, algorithm } = await this.#signingKey();
    const payload = new TextEncoder().encode(JSON.stringify({ ...claims, iss: this.#issuer }));
    return new CompactSign(payload).setProtectedHeader({ alg: algorithm, kid: keyID }).sign(key);
  }
}

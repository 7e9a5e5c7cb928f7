import { createHmac, randomBytes } from 'node:crypto';

/**
 * Derives lookup keys from secrets: equal secrets have equal keys, and neither a key nor the timing of a lookup reveals
 * anything about a secret. Keys differ between instances.
 */
export class SecretIndex {
  readonly #key = randomBytes(32);

  keyOf(...parts: readonly string[]): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest('base64');
  }
}

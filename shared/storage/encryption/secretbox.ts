/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/value/encrypt/secretbox/secretbox.go */

import { randomBytes } from 'node:crypto';
import { type Cipher, DecryptionError, TOO_SHORT } from './cipher.ts';

const NONCE = 24;
const TAG = 16;

/** NaCl's secretbox: XSalsa20 and Poly1305. */
export class SecretboxCipher implements Cipher {
  readonly #key: Uint8Array;

  /** 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async seal(plain: Uint8Array): Promise<Uint8Array> {
    const { secretbox } = await import('@noble/ciphers/salsa.js');
    const nonce = randomBytes(NONCE);
    return Buffer.concat([nonce, secretbox(this.#key, nonce).seal(plain)]);
  }

  async open(sealed: Uint8Array): Promise<Uint8Array> {
    if (sealed.length < NONCE + TAG) throw new DecryptionError(TOO_SHORT);
    const { secretbox } = await import('@noble/ciphers/salsa.js');
    try {
      return secretbox(this.#key, sealed.subarray(0, NONCE)).open(sealed.subarray(NONCE));
    } catch (cause) {
      throw new DecryptionError(undefined, cause);
    }
  }
}

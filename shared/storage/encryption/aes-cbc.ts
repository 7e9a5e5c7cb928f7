/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/value/encrypt/aes/aes.go */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Cipher, DecryptionError, TOO_SHORT } from './cipher.ts';

const BLOCK = 16;

/** AES in CBC mode with PKCS #7 padding, without authentication, like upstream. */
export class AESCBCCipher implements Cipher {
  readonly #key: Uint8Array;
  readonly #algorithm: string;

  /** 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.#algorithm = `aes-${key.length * 8}-cbc`;
  }

  async seal(plain: Uint8Array): Promise<Uint8Array> {
    const iv = randomBytes(BLOCK);
    const cipher = createCipheriv(this.#algorithm, this.#key, iv);
    return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
  }

  async open(sealed: Uint8Array): Promise<Uint8Array> {
    if (sealed.length < BLOCK) throw new DecryptionError(TOO_SHORT);
    const decipher = createDecipheriv(this.#algorithm, this.#key, sealed.subarray(0, BLOCK));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(BLOCK)), decipher.final()]);
    } catch (cause) {
      throw new DecryptionError(undefined, cause);
    }
  }
}

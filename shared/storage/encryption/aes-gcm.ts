/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/value/encrypt/aes/aes.go, aes_extended_nonce.go */

import { type CipherGCMTypes, createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { type Cipher, DecryptionError, TOO_SHORT } from './cipher.ts';

const NONCE = 12;
const TAG = 16;
const INFO = 32;
const algorithmOf = (key: Uint8Array): CipherGCMTypes => `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`;

function seal(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(algorithmOf(key), key, nonce, { authTagLength: TAG }).setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Buffer {
  if (sealed.length < NONCE + TAG) throw new DecryptionError(TOO_SHORT);
  const end = sealed.length - TAG;
  const nonce = sealed.subarray(0, NONCE);
  const decipher = createDecipheriv(algorithmOf(key), key, nonce, { authTagLength: TAG })
    .setAAD(context)
    .setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, end)), decipher.final()]);
  } catch (cause) {
    throw new DecryptionError(undefined, cause);
  }
}

/**
 * AES in Galois/Counter Mode with random nonces: a key is safe for some 200,000 writes
 * (https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#providers).
 */
export class AESGCMCipher implements Cipher {
  readonly #key: Uint8Array;

  /** 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async seal(plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return seal(this.#key, plain, context);
  }

  async open(sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return open(this.#key, sealed, context);
  }
}

/** Uses a new key for each write, derived from a seed that never wears out. */
export class ExtendedNonceCipher implements Cipher {
  readonly #seed: Uint8Array;

  /** At least 32 bytes. */
  constructor(seed: Uint8Array) {
    if (seed.length < INFO) throw new Error(`invalid seed length ${seed.length} used for key generation`);
    this.#seed = seed;
  }

  /** The first block of HKDF-Expand, which is as long as the key (RFC 5869, 2.3). */
  #keyOf(info: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#seed).update(info).update(Uint8Array.of(1)).digest();
  }

  async seal(plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    const info = randomBytes(INFO);
    return Buffer.concat([info, seal(this.#keyOf(info), plain, context)]);
  }

  async open(sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    if (sealed.length < INFO) throw new DecryptionError(TOO_SHORT);
    return open(this.#keyOf(sealed.subarray(0, INFO)), sealed.subarray(INFO), context);
  }
}

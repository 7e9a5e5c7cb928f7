/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/value/encrypt/envelope/kmsv2/envelope.go */

import { createHash, randomBytes } from 'node:crypto';
import { BoundedCache, cachedPromise } from '../../../util/bounded-cache.ts';
import type { ValueTransformer } from '../../storage.ts';
import { AESGCMCipher, ExtendedNonceCipher } from '../aes-gcm.ts';
import type { Cipher } from '../cipher.ts';
import {
  decodeEncryptedObject,
  type EncryptedObject,
  encodeEncryptedObject,
  KEY_TYPE,
} from './encrypted-object.ts';
import type { EncryptedKey, KeyService } from './key-service.ts';

/** When a seed was created; authenticated by the key service. */
const MADE_AT = 'made-at.encryption.zeroplane';
/** Milliseconds after which a seed is no longer used to encrypt. */
const MAX_SEED_AGE = 7 * 24 * 3600_000;
const MAX_CACHED = 4096;
const SEED_BYTES = 32;

interface Seed {
  readonly encrypted: EncryptedKey;
  readonly cipher: Cipher;
  /** Milliseconds since the epoch; undefined: the seed was not created by this program. */
  readonly madeAt: number | undefined;
}

/** A stable text that is unique to one encrypted key. */
function cacheKey({ key, keyType }: EncryptedObject): string {
  const { ciphertext, keyID, annotations } = key;
  const parts = [keyType, keyID, Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))];
  return createHash('sha256').update(JSON.stringify(parts)).update(ciphertext).digest('base64');
}

/**
 * Encrypts with seeds that a key service encrypts, and that are stored beside the data. Upstream creates a seed per
 * process; functions start often, so they adopt the newest seed they have read. Otherwise there would be a seed per
 * start, and readers would have to decrypt each of them.
 */
export class EnvelopeTransformer implements ValueTransformer {
  readonly #service: KeyService;
  readonly #now: () => number;
  readonly #ciphers = new BoundedCache<string, Promise<Cipher>>({ max: MAX_CACHED });
  #newest: Seed | undefined;
  #making: Promise<Seed> | undefined;

  constructor(service: KeyService, now = Date.now) {
    this.#service = service;
    this.#now = now;
  }

  async toStorage(plain: Uint8Array, key: string): Promise<Uint8Array> {
    const { cipher, encrypted } = await this.#writeSeed();
    const data = await cipher.seal(plain, Buffer.from(key));
    return encodeEncryptedObject({ data, key: encrypted, keyType: KEY_TYPE.extendedNonceSeed });
  }

  async fromStorage(stored: Uint8Array, key: string): Promise<{ plain: Uint8Array; stale: boolean }> {
    const object = decodeEncryptedObject(stored);
    const cipher = await this.#cipherOf(object);
    const plain = await cipher.open(object.data, Buffer.from(key));
    return { plain, stale: await this.#isStale(object) };
  }

  /** An unreachable key service must not prevent reads with known keys. */
  async #isStale({ key, keyType }: EncryptedObject): Promise<boolean> {
    if (keyType !== KEY_TYPE.extendedNonceSeed) return true;
    try {
      return key.keyID !== (await this.#service.keyID());
    } catch {
      return false;
    }
  }

  async #writeSeed(): Promise<Seed> {
    const keyID = await this.#service.keyID();
    const seed = this.#newest;
    const { madeAt = 0 } = seed ?? {};
    if (seed?.encrypted.keyID === keyID && this.#now() - madeAt < MAX_SEED_AGE) return seed;
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(): Promise<Seed> {
    const plain = randomBytes(SEED_BYTES);
    const madeAt = this.#now();
    const encrypted = await this.#service.encrypt(plain, { [MADE_AT]: new Date(madeAt).toISOString() });
    const cipher = new ExtendedNonceCipher(plain);
    this.#newest = { encrypted, cipher, madeAt };
    const object = { data: plain, key: encrypted, keyType: KEY_TYPE.extendedNonceSeed };
    this.#ciphers.set(cacheKey(object), Promise.resolve(cipher));
    return this.#newest;
  }

  #cipherOf(object: EncryptedObject): Promise<Cipher> {
    return cachedPromise(this.#ciphers, cacheKey(object), () => this.#decrypt(object));
  }

  async #decrypt({ key, keyType }: EncryptedObject): Promise<Cipher> {
    const plain = await this.#service.decrypt(key);
    if (keyType === KEY_TYPE.aesGCM) return new AESGCMCipher(plain);
    const cipher = new ExtendedNonceCipher(plain);
    const madeAt = Date.parse(key.annotations[MADE_AT] ?? '');
    const { madeAt: newest = 0 } = this.#newest ?? {};
    // A seed from the future would never expire.
    if (madeAt > newest && madeAt <= this.#now()) this.#newest = { encrypted: key, cipher, madeAt };
    return cipher;
  }
}

/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/value/transformer.go, encrypt/identity/identity.go */

import type { ValueTransformer } from '../storage.ts';
import { type Cipher, DecryptionError } from './cipher.ts';

export interface PrefixedTransformer {
  /** Prefix of the stored bytes; '': any. */
  readonly prefix: string;
  readonly transformer: ValueTransformer;
}

type Opened = Awaited<ReturnType<ValueTransformer['fromStorage']>>;

const beginsWith = (stored: Uint8Array, prefix: Uint8Array): boolean =>
  Buffer.compare(stored.subarray(0, prefix.length), prefix) === 0;

/**
 * Writes with the first transformer, reads with those whose prefix matches. Data written by others than the first is
 * stale.
 */
export class PrefixTransformers implements ValueTransformer {
  readonly #transformers: readonly (PrefixedTransformer & { readonly bytes: Buffer })[];
  readonly #noMatch: string;

  constructor(transformers: readonly PrefixedTransformer[], noMatch: string) {
    this.#transformers = transformers.map((one) => ({ ...one, bytes: Buffer.from(one.prefix) }));
    this.#noMatch = noMatch;
  }

  async toStorage(plain: Uint8Array, key: string): Promise<Uint8Array> {
    const { bytes, transformer } = this.#transformers[0]!;
    return Buffer.concat([bytes, await transformer.toStorage(plain, key)]);
  }

  async fromStorage(stored: Uint8Array, key: string): Promise<Opened> {
    let failure: unknown;
    for (const [index, { bytes, transformer }] of this.#transformers.entries()) {
      if (!beginsWith(stored, bytes)) continue;
      try {
        const { plain, stale } = await transformer.fromStorage(stored.subarray(bytes.length), key);
        return { plain, stale: stale || index !== 0 };
      } catch (error) {
        // The same provider may be listed again with other keys; unencrypted data matches no other.
        if (bytes.length > 0) failure ??= error;
      }
    }
    throw failure ?? new DecryptionError(this.#noMatch);
  }
}

/** One key of a provider; `context` is the object's key. */
export class CipherTransformer implements ValueTransformer {
  readonly #cipher: Cipher;

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  toStorage(plain: Uint8Array, key: string): Promise<Uint8Array> {
    return this.#cipher.seal(plain, Buffer.from(key));
  }

  async fromStorage(stored: Uint8Array, key: string): Promise<Opened> {
    return { plain: await this.#cipher.open(stored, Buffer.from(key)), stale: false };
  }
}

const ENCRYPTED = Buffer.from('k8s:enc:');

/** Leaves values unchanged, and rejects encrypted ones. */
export const IDENTITY: ValueTransformer = {
  toStorage: async (plain) => plain,
  fromStorage: async (stored) => {
    if (beginsWith(stored, ENCRYPTED)) {
      throw new DecryptionError('identity transformer tried to read encrypted data');
    }
    return { plain: stored, stale: false };
  },
};

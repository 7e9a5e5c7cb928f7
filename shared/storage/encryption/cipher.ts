/** Encrypts under one key. `open` requires the same `context` as `seal`, where the cipher can verify it. */
export interface Cipher {
  seal(plain: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /** Throws for data that was not sealed by this cipher. */
  open(sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
}

export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';

  constructor(message = 'the stored data can not be decrypted', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

export const TOO_SHORT = 'the stored data was shorter than the required size';

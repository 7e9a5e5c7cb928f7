/** Encrypts under one key. What is opened was sealed with the same `context`, where the cipher can tell. */
export interface Cipher {
  seal(plain: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /** Throws for anything that wasn't sealed by this. */
  open(sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
}

export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';

  constructor(message = 'the stored data can not be decrypted', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

export const TOO_SHORT = 'the stored data was shorter than the required size';

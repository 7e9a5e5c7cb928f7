/** Encrypts keys by a key that never leaves its keeper: what KMS v2 plugins do. */
export interface KeyService {
  /** The key that encrypts from now on. Another answer than before asks for rotation. */
  keyID(): Promise<string>;
  encrypt(plain: Uint8Array, annotations: Annotations): Promise<EncryptedKey>;
  /** Rejects for what it didn't encrypt, and where annotations are others. */
  decrypt(encrypted: EncryptedKey): Promise<Uint8Array>;
}

/** In the clear beside the key. */
export type Annotations = Readonly<Record<string, string>>;

export interface EncryptedKey {
  readonly ciphertext: Uint8Array;
  readonly keyID: string;
  readonly annotations: Annotations;
}

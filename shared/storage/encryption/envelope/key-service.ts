/** Encrypts keys with a key that never leaves the service, like a KMS v2 plugin. */
export interface KeyService {
  /** ID of the key that encrypts from now on. A change requests rotation. */
  keyID(): Promise<string>;
  encrypt(plain: Uint8Array, annotations: Annotations): Promise<EncryptedKey>;
  /** Rejects for data that the service didn't encrypt, and if the annotations differ. */
  decrypt(encrypted: EncryptedKey): Promise<Uint8Array>;
}

/** Stored in the clear beside the key. */
export type Annotations = Readonly<Record<string, string>>;

export interface EncryptedKey {
  readonly ciphertext: Uint8Array;
  readonly keyID: string;
  readonly annotations: Annotations;
}

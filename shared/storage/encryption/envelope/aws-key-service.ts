/**
 * AWS KMS. A key is rotated by AWS (transparently), or by pointing its alias at another key of the same account and
 * region.
 */

import type { KMSClient } from '@aws-sdk/client-kms';
import type { Annotations, EncryptedKey, KeyService } from './key-service.ts';

const AWS_KMS_SCHEME = 'aws-kms:';

/**
 * Milliseconds: how often an alias is resolved, how soon after a failure, and for how long its last result may be used.
 */
const STATUS_INTERVAL = 60_000;
const RETRY_INTERVAL = 10_000;
const STATUS_MAX_AGE = 180_000;

const ARN = /^arn:(aws(?:-[a-z]+)*):kms:([a-z0-9-]+):(\d{12}):(?:key\/[\w-]+|alias\/[\w/-]+)$/;

export type KMSSender = Pick<KMSClient, 'send'>;

export interface AWSKeyServiceOptions {
  /** Of the key, or of its alias. */
  readonly arn: string;
  /** The provider's name: keys encrypted for one provider can't be decrypted for another. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly client?: KMSSender;
  readonly now?: () => number;
}

/** The ARN in an endpoint; undefined if there is none. */
export function awsKeyARN(endpoint: string): string | undefined {
  if (!endpoint.startsWith(AWS_KMS_SCHEME)) return undefined;
  const arn = endpoint.slice(AWS_KMS_SCHEME.length);
  return ARN.test(arn) ? arn : undefined;
}

export class AWSKeyService implements KeyService {
  readonly #options: AWSKeyServiceOptions;
  readonly #now: () => number;
  /** Common prefix of all keys of the same account and region. */
  readonly #family: string;
  #client: Promise<KMSSender> | undefined;
  /** The last request, and when to send the next. */
  #status: { readonly answer: Promise<string>; nextAt: number } | undefined;
  /** The last successful result. */
  #known: { readonly keyID: string; readonly at: number } | undefined;

  constructor(options: AWSKeyServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#family = `${options.arn.split(':').slice(0, 5).join(':')}:key/`;
  }

  async keyID(): Promise<string> {
    const { arn } = this.#options;
    if (arn.startsWith(this.#family)) return arn;
    const now = this.#now();
    if (this.#status === undefined || now >= this.#status.nextAt) {
      const answer = this.#resolveAlias(arn);
      const status = { answer, nextAt: now + STATUS_INTERVAL };
      this.#status = status;
      answer.then(
        (keyID) => {
          this.#known = { keyID, at: now };
        },
        () => {
          status.nextAt = now + RETRY_INTERVAL;
        },
      );
    }
    try {
      return await this.#status.answer;
    } catch (error) {
      if (this.#known !== undefined && now - this.#known.at < STATUS_MAX_AGE) return this.#known.keyID;
      throw error;
    }
  }

  async #resolveAlias(alias: string): Promise<string> {
    const { DescribeKeyCommand } = await import('@aws-sdk/client-kms');
    const client = await this.#open();
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: alias }), this.#abort());
    return this.#checked(KeyMetadata?.Arn);
  }

  async encrypt(plain: Uint8Array, annotations: Annotations): Promise<EncryptedKey> {
    const { EncryptCommand } = await import('@aws-sdk/client-kms');
    const client = await this.#open();
    const KeyId = await this.keyID();
    const command = new EncryptCommand({
      KeyId,
      Plaintext: plain,
      EncryptionContext: this.#context(annotations),
    });
    const answer = await client.send(command, this.#abort());
    if (answer.CiphertextBlob === undefined) throw new Error('AWS KMS answered without a ciphertext');
    return { ciphertext: answer.CiphertextBlob, keyID: this.#checked(answer.KeyId), annotations };
  }

  async decrypt({ ciphertext, keyID, annotations }: EncryptedKey): Promise<Uint8Array> {
    // The key's ARN comes from the table: a writer of the table must not be able to choose the account whose key
    // decrypts.
    const KeyId = this.#checked(keyID);
    const { DecryptCommand } = await import('@aws-sdk/client-kms');
    const client = await this.#open();
    const command = new DecryptCommand({
      KeyId,
      CiphertextBlob: ciphertext,
      EncryptionContext: this.#context(annotations),
    });
    const { Plaintext } = await client.send(command, this.#abort());
    if (Plaintext === undefined) throw new Error('AWS KMS answered without a plaintext');
    return Plaintext;
  }

  #context(annotations: Annotations): Record<string, string> {
    return { ...annotations, 'provider.encryption.zeroplane': this.#options.name };
  }

  #checked(keyID: string | undefined): string {
    if (!keyID?.startsWith(this.#family)) {
      throw new Error(`AWS KMS key ${JSON.stringify(keyID ?? '')} is of another account or region`);
    }
    return keyID;
  }

  #abort(): { abortSignal: AbortSignal } {
    return { abortSignal: AbortSignal.timeout(this.#options.timeoutMs) };
  }

  #open(): Promise<KMSSender> {
    const { client, arn } = this.#options;
    this.#client ??= client
      ? Promise.resolve(client)
      : import('@aws-sdk/client-kms').then(({ KMSClient }) => new KMSClient({ region: arn.split(':')[3]! }));
    return this.#client;
  }
}

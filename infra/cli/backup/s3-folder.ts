/** Objects below `s3://bucket/prefix`, in AWS or any S3-compatible store. */

import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { NO_CREDENTIALS } from '../error-text.ts';

type SDK = typeof import('@aws-sdk/client-s3');

/** An object in the folder. */
export interface S3Entry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Differs for different contents. */
  readonly etag: string;
}

/** Bytes per part of a large object; four parts are uploaded concurrently. S3 allows 10,000 parts per object. */
const PART_BYTES = 8 * 1024 * 1024;
/** Maximum number of consecutive connection failures without progress while reading an object. */
const MAX_BREAKS = 3;

export const isS3URL = (text: string): boolean => text.startsWith('s3://');

/** All methods throw Error with a message for the user who gave the URL. */
export class S3Folder {
  readonly url: string;
  readonly #sdk: SDK;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** `region`: the bucket's, if not the environment's; AWS redirects to the right one. */
  static async open(url: string, region: string | undefined): Promise<S3Folder> {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/+(.*[^/])\/*$/.exec(url) ?? [];
    if (bucket === undefined || prefix === undefined) {
      throw new Error(`${url} names no bucket and prefix: write s3://bucket/prefix`);
    }
    const sdk = await import('@aws-sdk/client-s3');
    return new S3Folder(sdk, new sdk.S3Client(clientOptions(region)), bucket, prefix);
  }

  private constructor(sdk: SDK, client: S3Client, bucket: string, prefix: string) {
    this.#sdk = sdk;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.url = `s3://${bucket}/${prefix}`;
  }

  async list(): Promise<S3Entry[]> {
    const entries: S3Entry[] = [];
    const Prefix = `${this.#prefix}/`;
    for (let ContinuationToken: string | undefined; ; ) {
      const page = await this.#withErrorText(() =>
        this.#client.send(
          new this.#sdk.ListObjectsV2Command({ Bucket: this.#bucket, Prefix, ContinuationToken }),
        ),
      );
      for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
        entries.push({ name: Key.slice(Prefix.length), size: Size, etag: ETag });
      }
      ContinuationToken = page.NextContinuationToken;
      if (ContinuationToken === undefined) return entries;
    }
  }

  /** Atomic: the object exists only when it is complete. Large ones are uploaded in parts. */
  async put(name: string, body: Readable | string): Promise<void> {
    const { Upload } = await import('@aws-sdk/lib-storage');
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(name), Body: body },
      partSize: PART_BYTES,
    });
    try {
      await upload.done();
    } catch (error) {
      throw (typeof body === 'string' ? undefined : body.errored) ?? this.#words(error);
    }
  }

  /** Undefined: there is no such object. */
  async text(name: string): Promise<string | undefined> {
    const answer = await this.#get(name);
    return answer && (await this.#withErrorText(() => answer.Body!.transformToString()));
  }

  /** Resumes where a connection broke. Throws Error, too, for an object that differs from `entry`. */
  async *bytes({ name, size, etag }: S3Entry): AsyncGenerator<Uint8Array> {
    let read = 0;
    for (let breaks = 0; ; breaks++) {
      const answer = await this.#get(name, read > 0 ? { Range: `bytes=${read}-` } : {});
      if (answer === undefined) throw new Error(`${this.url}/${name} is gone`);
      const body = answer.Body as Readable;
      if (answer.ETag !== etag || answer.ContentLength !== size - read) {
        // The body is not consumed, and its errors don't matter.
        body.on('error', () => undefined).destroy();
        throw new Error(`${this.url}/${name} was changed after the backup was finished`);
      }
      try {
        for await (const chunk of body) {
          read += (chunk as Uint8Array).length;
          breaks = 0;
          yield chunk as Uint8Array;
        }
        return;
      } catch (error) {
        if (breaks >= MAX_BREAKS || read === size) throw this.#words(error);
      }
    }
  }

  close(): void {
    this.#client.destroy();
  }

  #at(name: string) {
    return { Bucket: this.#bucket, Key: `${this.#prefix}/${name}` };
  }

  async #get(name: string, range: { readonly Range?: string } = {}) {
    return await this.#withErrorText(async () => {
      try {
        return await this.#client.send(new this.#sdk.GetObjectCommand({ ...this.#at(name), ...range }));
      } catch (error) {
        if (error instanceof this.#sdk.NoSuchKey) return undefined;
        throw error;
      }
    });
  }

  async #withErrorText<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#words(error);
    }
  }

  #words(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const say = WORDS[error.name];
    if (say !== undefined) return new Error(say(error.message, this.#bucket));
    const { $metadata: answered } = error as { $metadata?: { httpStatusCode?: number } };
    if (answered?.httpStatusCode !== undefined) {
      return new Error(`${this.url}: S3 answers ${answered.httpStatusCode} ${error.name}: ${error.message}`);
    }
    const reason = error.message || (error as { code?: string }).code || error.name;
    return new Error(`${this.url}: S3 can't be reached: ${reason}`);
  }
}

const refused = (message: string, bucket: string): string =>
  `s3://${bucket}: S3 rejects these credentials: ${message}`;

/** Messages for frequent errors, by their names in the SDK. */
const WORDS: Readonly<Record<string, (message: string, bucket: string) => string>> = {
  NoSuchBucket: (_, bucket) => `there is no bucket ${bucket}`,
  AccessDenied: (message, bucket) => `s3://${bucket}: these credentials lack the permission: ${message}`,
  InvalidAccessKeyId: refused,
  SignatureDoesNotMatch: refused,
  ExpiredToken: refused,
  InvalidToken: refused,
  CredentialsProviderError: () => NO_CREDENTIALS,
};

/** Options for stores other than AWS: path-style requests, any region, and checksums only where required. */
function clientOptions(region: string | undefined) {
  const { AWS_ENDPOINT_URL_S3: own, AWS_ENDPOINT_URL: all, AWS_REGION: its } = process.env;
  if (!own && !all) return { ...(region !== undefined && { region }), followRegionRedirects: true };
  const checksums = process.env['AWS_REQUEST_CHECKSUM_CALCULATION'] === undefined;
  return {
    region: region ?? (its || 'us-east-1'),
    forcePathStyle: true,
    ...(checksums && { requestChecksumCalculation: 'WHEN_REQUIRED' as const }),
  };
}

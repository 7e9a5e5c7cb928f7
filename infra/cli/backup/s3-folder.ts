/** What has a name below `s3://bucket/prefix`, in AWS or any store that speaks as S3 does. */

import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { NO_CREDENTIALS } from '../error-text.ts';

type SDK = typeof import('@aws-sdk/client-s3');

/** An object as it stands. */
export interface S3Entry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Another one for other contents. */
  readonly etag: string;
}

/** Bytes of a part of a large object, of which four are under way at once. S3 takes 10,000 of an object. */
const PART_BYTES = 8 * 1024 * 1024;
/** Connections that break while an object is read, one after another, without a byte between. */
const MAX_BREAKS = 3;

export const isS3URL = (text: string): boolean => text.startsWith('s3://');

/** Throws Error, in words for who gave the URL, whatever goes wrong. */
export class S3Folder {
  readonly url: string;
  readonly #sdk: SDK;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** `region`: of the bucket, if another than the environment says; AWS tells where a bucket is. */
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
      const page = await this.#told(() =>
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

  /** It is there when all of it is, and not before. Large ones go in parts, as they come. */
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

  /** Undefined: there is none. */
  async text(name: string): Promise<string | undefined> {
    const answer = await this.#get(name);
    return answer && (await this.#told(() => answer.Body!.transformToString()));
  }

  /** Goes on where a connection broke. Throws Error, too, for one that is another than `entry` says. */
  async *bytes({ name, size, etag }: S3Entry): AsyncGenerator<Uint8Array> {
    let read = 0;
    for (let breaks = 0; ; breaks++) {
      const answer = await this.#get(name, read > 0 ? { Range: `bytes=${read}-` } : {});
      if (answer === undefined) throw new Error(`${this.url}/${name} is gone`);
      const body = answer.Body as Readable;
      if (answer.ETag !== etag || answer.ContentLength !== size - read) {
        // Nobody reads it, nor hears how it ends.
        body.on('error', () => undefined).destroy();
        throw new Error(`${this.url}/${name} is not the one that the backup was finished with`);
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
    return await this.#told(async () => {
      try {
        return await this.#client.send(new this.#sdk.GetObjectCommand({ ...this.#at(name), ...range }));
      } catch (error) {
        if (error instanceof this.#sdk.NoSuchKey) return undefined;
        throw error;
      }
    });
  }

  async #told<T>(ask: () => Promise<T>): Promise<T> {
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
  `s3://${bucket}: S3 takes these credentials for no good: ${message}`;

/** What goes wrong most, by its name in the SDK. */
const WORDS: Readonly<Record<string, (message: string, bucket: string) => string>> = {
  NoSuchBucket: (_, bucket) => `there is no bucket ${bucket}`,
  AccessDenied: (message, bucket) => `s3://${bucket}: these credentials may not do that: ${message}`,
  InvalidAccessKeyId: refused,
  SignatureDoesNotMatch: refused,
  ExpiredToken: refused,
  InvalidToken: refused,
  CredentialsProviderError: () => NO_CREDENTIALS,
};

/** Stores other than AWS's are asked for by path, are of no region, and know less of checksums. */
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

/** Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */

import { createHash, createHmac } from 'node:crypto';

export interface AWSCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export const SIGNATURE_ALGORITHM = 'AWS4-HMAC-SHA256';

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The timestamp of a signature, as requests carry it: `20261130T141500Z`. */
export const signatureDate = (now: number): string =>
  new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** The credential scope of a signature made at `date`. */
export const signatureScope = (date: string, region: string, service: string): readonly string[] => [
  date.slice(0, 8),
  region,
  service,
  'aws4_request',
];

/** The signing key of a scope; valid for the scope's day. */
export const signingKey = (secretAccessKey: string, scope: readonly string[]): Buffer =>
  scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`) as Buffer;

/** `request`: the lines of the canonical request; the last is the digest of the body. */
export function signatureOf(
  request: readonly string[],
  { date, scope, key }: { readonly date: string; readonly scope: readonly string[]; readonly key: Buffer },
): string {
  const toSign = [SIGNATURE_ALGORITHM, date, scope.join('/'), sha256(request.join('\n'))];
  return hmac(key, toSign.join('\n')).toString('hex');
}

/**
 * Login tokens for IAM identities: a pre-signed `sts:GetCallerIdentity` request, like that of `aws eks get-token`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */

import { AWS_IAM_TOKEN_PREFIX, CLUSTER_ID_HEADER } from '../../../shared/authn/awsiam/presigned-request.ts';
import {
  type AWSCredentials,
  SIGNATURE_ALGORITHM,
  sha256,
  signatureDate,
  signatureOf,
  signatureScope,
  signingKey,
} from '../../../shared/util/aws-signature.ts';

export type { AWSCredentials };

export interface IAMTokenOptions {
  /** The cluster that the token is for; it is invalid for any other. */
  readonly clusterID: string;
  readonly region: string;
  readonly credentials: AWSCredentials;
  readonly now?: number;
}

export interface IAMToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** AWS accepts a signature for 15 minutes; a minute is the margin for clock skew. */
const GOOD_FOR_MS = 14 * 60_000;
const EXPIRES_SECONDS = '60';
const SIGNED_HEADERS = `host;${CLUSTER_ID_HEADER}`;

/** Percent-encoding of RFC 3986, which encodes more characters than `encodeURIComponent`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function hostOf(region: string): string {
  return `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

export function signIAMToken({
  clusterID,
  region,
  credentials,
  now = Date.now(),
}: IAMTokenOptions): IAMToken {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const date = signatureDate(now);
  const scope = signatureScope(date, region, 'sts');
  const parameters: Record<string, string> = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': SIGNATURE_ALGORITHM,
    'X-Amz-Credential': [accessKeyId, ...scope].join('/'),
    'X-Amz-Date': date,
    'X-Amz-Expires': EXPIRES_SECONDS,
    ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': SIGNED_HEADERS,
  };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const host = hostOf(region);
  const request = [
    'GET',
    '/',
    query,
    `host:${host}`,
    `${CLUSTER_ID_HEADER}:${clusterID}`,
    '',
    SIGNED_HEADERS,
    sha256(''),
  ];
  const signature = signatureOf(request, { date, scope, key: signingKey(secretAccessKey, scope) });
  const url = `https://${host}/?${query}&X-Amz-Signature=${signature}`;
  return {
    token: AWS_IAM_TOKEN_PREFIX + Buffer.from(url).toString('base64url'),
    expiresAt: now + GOOD_FOR_MS,
  };
}

import { newServiceUnavailable } from '../../meta/status-error.ts';
import { isJSONObject } from '../../util/json.ts';
import { whenWithoutResponse } from '../../util/without-response.ts';
import { type IAMIdentity, parseCallerARN } from './arn.ts';
import { CLUSTER_ID_HEADER, IAMTokenError, type PresignedRequest } from './presigned-request.ts';

/** The signer of a request, as confirmed by AWS. */
export interface Caller {
  readonly identity: IAMIdentity;
  readonly arn: string;
  /** Never reused, unlike names. */
  readonly principalID: string;
}

/** Sends the request. Rejects if there is no response. */
export type SendToSTS = (
  url: URL,
  headers: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: string }>;

const TIMEOUT_MS = 10_000;
const RETRY_SECONDS = 1;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Sends to the host that the request was signed for, or to `endpoint` instead. Follows no redirects. */
export function stsSender(endpoint = ''): SendToSTS {
  return async (signed, headers) => {
    const url = endpoint === '' ? signed : new URL(`${signed.pathname}${signed.search}`, endpoint);
    const { request } = url.protocol === 'http:' ? await import('node:http') : await import('node:https');
    // The signature covers the host header.
    const options = { headers: { ...headers, host: signed.host }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    return new Promise((resolve, reject) => {
      const sent = request(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer of STS is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
        response.on('error', reject);
      });
      whenWithoutResponse(sent, reject);
      sent.end();
    });
  };
}

function resultOf(body: string): Caller {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new IAMTokenError('error parsing the response of STS');
  }
  const response = isJSONObject(answer) ? answer['GetCallerIdentityResponse'] : undefined;
  const result = isJSONObject(response) ? response['GetCallerIdentityResult'] : undefined;
  const { Account: account, Arn: arn, UserId: userID } = isJSONObject(result) ? result : {};
  if (typeof account !== 'string' || typeof arn !== 'string' || typeof userID !== 'string') {
    throw new IAMTokenError('the response of STS contains no identity');
  }
  const identity = parseCallerARN(arn);
  if (identity === undefined || identity.account !== account) {
    throw new IAMTokenError('neither an IAM user nor an assumed role');
  }
  return { identity, arn, principalID: userID.split(':')[0]! };
}

const unavailable = (why: string) => newServiceUnavailable(`the call to STS failed: ${why}`, RETRY_SECONDS);

/**
 * Has AWS verify the signature. Rejects with `IAMTokenError` if AWS denies it, with `StatusError` if AWS gives no
 * decision.
 */
export async function getCallerIdentity(
  { url }: PresignedRequest,
  clusterID: string,
  send: SendToSTS,
): Promise<Caller> {
  const headers = { [CLUSTER_ID_HEADER]: clusterID, accept: 'application/json' };
  const { status, body } = await send(url, headers).catch((cause: unknown) => {
    throw unavailable(cause instanceof Error ? cause.message : String(cause));
  });
  if (status === 429 || status >= 500) throw unavailable(`it answered ${status}`);
  if (status !== 200) throw new IAMTokenError(`error from AWS (expected 200, got ${status})`);
  return resultOf(body);
}

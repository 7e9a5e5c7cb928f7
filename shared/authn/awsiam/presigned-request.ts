/**
 * Tokens that encode a pre-signed `sts:GetCallerIdentity` request, as `aws eks get-token` creates them
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go).
 */

export const AWS_IAM_TOKEN_PREFIX = 'k8s-aws-v1.';
/** Header that binds a token to one cluster. */
export const CLUSTER_ID_HEADER = 'x-k8s-aws-id';

const MAX_TOKEN_LENGTH = 4096;
const VERSION = '2011-06-15';
/** Milliseconds for which AWS accepts a signature, and by which the signer's clock may be ahead. */
const MAX_AGE = 15 * 60_000;
const MAX_SKEW = 5 * 60_000;
const MAX_EXPIRES = 900;

const PARAMETERS = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/** Hosts of STS: regional ones, and a global one in the `aws` partition. */
const HOSTS: Readonly<Record<string, RegExp>> = {
  aws: /^sts(?:-fips)?(?:\.([a-z]{2}(?:-[a-z]+)+-\d+))?\.amazonaws\.com$/,
  'aws-us-gov': /^sts(?:-fips)?\.(us-gov-[a-z]+-\d+)\.amazonaws\.com$/,
  'aws-cn': /^sts\.(cn-[a-z]+-\d+)\.amazonaws\.com\.cn$/,
};
export const AWS_PARTITIONS = Object.keys(HOSTS);

/** The token is an IAM token but invalid. The message contains no secret. */
export class IAMTokenError extends Error {
  override readonly name = 'IAMTokenError';
}

export interface PresignedRequest {
  readonly url: URL;
  /** ID of the key that signed; not secret. */
  readonly accessKeyID: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface PresignedRequestRules {
  readonly partition: string;
  /** Accepted regions; empty: all of the partition. */
  readonly regions: readonly string[];
}

function parametersOf(url: URL): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const key = name.toLowerCase();
    if (!PARAMETERS.has(key)) throw new IAMTokenError('non-whitelisted query parameter');
    if (parameters.has(key)) throw new IAMTokenError(`query parameter ${key} appears more than once`);
    parameters.set(key, value);
  }
  return parameters;
}

function checkHost(url: URL, { partition, regions }: PresignedRequestRules): void {
  const { username, password, port, hash, pathname, hostname } = url;
  if (username !== '' || password !== '' || port !== '' || hash !== '' || pathname !== '/') {
    throw new IAMTokenError('unexpected parts in pre-signed URL');
  }
  const match = HOSTS[partition]?.exec(hostname);
  if (!match) throw new IAMTokenError('unexpected hostname in pre-signed URL');
  if (regions.length > 0 && !regions.includes(match[1] ?? '')) {
    throw new IAMTokenError('unexpected region in pre-signed URL');
  }
}

/** `20060102T150405Z` */
function parseAmzDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date.getTime();
}

function checkTime(parameters: ReadonlyMap<string, string>, now: number): number {
  const expires = parameters.get('x-amz-expires') ?? '';
  if (!/^\d{1,3}$/.test(expires) || Number(expires) > MAX_EXPIRES) {
    throw new IAMTokenError('invalid X-Amz-Expires parameter in pre-signed URL');
  }
  const date = parseAmzDate(parameters.get('x-amz-date') ?? '');
  if (date === undefined) throw new IAMTokenError('error parsing X-Amz-Date parameter');
  if (date > now + MAX_SKEW) throw new IAMTokenError('X-Amz-Date parameter is in the future');
  // As upstream does: `get-token` signs for one minute but reports the token as valid for fourteen.
  const expiresAt = date + MAX_AGE;
  if (expiresAt <= now) throw new IAMTokenError('X-Amz-Date parameter is expired (15 minute expiration)');
  return expiresAt;
}

/**
 * Parses the token and checks everything except the signature, which only AWS can verify. Undefined for other kinds of
 * tokens; throws `IAMTokenError`.
 */
export function parseIAMToken(
  token: string,
  rules: PresignedRequestRules,
  now: number,
): PresignedRequest | undefined {
  if (!token.startsWith(AWS_IAM_TOKEN_PREFIX)) return undefined;
  if (token.length > MAX_TOKEN_LENGTH) throw new IAMTokenError('token is too large');
  const encoded = token.slice(AWS_IAM_TOKEN_PREFIX.length);
  if (!/^[\w-]+$/.test(encoded)) throw new IAMTokenError('token is not base64url');
  const text = Buffer.from(encoded, 'base64url').toString('latin1');
  // Reject anything a URL parser would drop or normalize, so that the URL sent is the URL checked.
  if (!/^[!-~]+$/.test(text) || text.includes('\\') || !URL.canParse(text)) {
    throw new IAMTokenError('token holds no URL');
  }
  if (!text.startsWith('https://')) throw new IAMTokenError('unexpected scheme in pre-signed URL');
  const url = new URL(text);
  checkHost(url, rules);
  const parameters = parametersOf(url);
  if (parameters.get('action') !== 'GetCallerIdentity') {
    throw new IAMTokenError('unexpected action parameter in pre-signed URL');
  }
  if (parameters.get('version') !== VERSION) {
    throw new IAMTokenError('unexpected version parameter in pre-signed URL');
  }
  if (parameters.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new IAMTokenError('unexpected X-Amz-Algorithm parameter in pre-signed URL');
  }
  if (parameters.get('x-amz-signedheaders') !== `host;${CLUSTER_ID_HEADER}`) {
    throw new IAMTokenError(`client did not sign the ${CLUSTER_ID_HEADER} header in the pre-signed URL`);
  }
  if (!parameters.get('x-amz-signature')) throw new IAMTokenError('pre-signed URL is not signed');
  const accessKeyID = (parameters.get('x-amz-credential') ?? '').split('/')[0]!;
  if (!/^[A-Z0-9]{16,128}$/.test(accessKeyID)) {
    throw new IAMTokenError('invalid X-Amz-Credential parameter in pre-signed URL');
  }
  return { url, accessKeyID, expiresAt: checkTime(parameters, now) };
}

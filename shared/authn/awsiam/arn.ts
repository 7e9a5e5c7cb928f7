/** ARNs of IAM identities (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */

/** An IAM user, or a session of an assumed role. */
export interface IAMIdentity {
  readonly partition: string;
  readonly account: string;
  readonly kind: 'role' | 'user';
  /** Without path; names are unique within an account. */
  readonly name: string;
  /** Session name of a role; '' for users. */
  readonly session: string;
}

const ACCOUNT = /^\d{12}$/;
const PARTITION = /^aws(-[a-z]+)*$/;
const NAME = /^[\w+=,.@-]+$/;

/** Parses the ARN returned by `GetCallerIdentity`. Undefined for root users, federated users and anything else. */
export function parseCallerARN(arn: string): IAMIdentity | undefined {
  const [prefix, partition = '', service, region, account = '', resource = '', ...rest] = arn.split(':');
  if (prefix !== 'arn' || region !== '' || rest.length > 0) return undefined;
  if (!PARTITION.test(partition) || !ACCOUNT.test(account)) return undefined;
  const [type, ...path] = resource.split('/');
  if (!path.every((part) => NAME.test(part))) return undefined;
  const base = { partition, account };
  if (service === 'sts' && type === 'assumed-role' && path.length === 2) {
    return { ...base, kind: 'role', name: path[0]!, session: path[1]! };
  }
  if (service === 'iam' && type === 'user' && path.length > 0) {
    return { ...base, kind: 'user', name: path.at(-1)!, session: '' };
  }
  return undefined;
}

/** Parses the ARN of a role or user as configured: `arn:aws:iam::111122223333:role/path/Name`. */
export function parseIAMARN(arn: string): IAMIdentity | undefined {
  const [, type, ...path] = /^arn:[^:]*:iam::[^:]*:(role|user)\/(.+)$/.exec(arn) ?? [];
  if (type === undefined) return undefined;
  const { partition, account } = { partition: arn.split(':')[1]!, account: arn.split(':')[4]! };
  const parts = path[0]!.split('/');
  if (!PARTITION.test(partition) || !ACCOUNT.test(account) || !parts.every((part) => NAME.test(part))) {
    return undefined;
  }
  return { partition, account, kind: type as 'role' | 'user', name: parts.at(-1)!, session: '' };
}

/** IAM names are case-insensitive. */
export function identityKey({ partition, account, kind, name }: IAMIdentity): string {
  return [partition, account, kind, name.toLowerCase()].join(':');
}

/** The ARN without session and path. */
export function canonicalARN({ partition, account, kind, name }: IAMIdentity): string {
  return `arn:${partition}:iam::${account}:${kind}/${name}`;
}

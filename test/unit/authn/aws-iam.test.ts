import { describe, expect, test } from 'vitest';
import { AWSIAMAuthenticator } from '../../../shared/authn/awsiam/aws-iam-authenticator.ts';
import {
  type AWSIAMConfiguration,
  parseAWSIAMConfiguration,
} from '../../../shared/authn/awsiam/configuration.ts';
import { UnionTokenAuthenticator } from '../../../shared/authn/token/union-token-authenticator.ts';
import type { StatusError } from '../../../shared/meta/status-error.ts';

const NOW = Date.parse('2026-08-01T12:00:00Z');
const PARAMETERS = {
  Action: 'GetCallerIdentity',
  Version: '2011-06-15',
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20260801/eu-central-1/sts/aws4_request',
  'X-Amz-Date': '20260801T115500Z',
  'X-Amz-Expires': '60',
  'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  'X-Amz-Signature': 'abcdef',
};
const HOST = 'https://sts.eu-central-1.amazonaws.com/';
const query = (more: Record<string, string | undefined> = {}): string =>
  Object.entries({ ...PARAMETERS, ...more })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');
const encode = (url: string): string => `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
const token = (more: Record<string, string | undefined> = {}, host = HOST): string =>
  encode(`${host}?${query(more)}`);

const write = (more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apiserver.config.zeroplane/v1alpha1',
    kind: 'AWSIAMAuthenticationConfiguration',
    clusterID: 'shop',
    mapRoles: [
      { roleARN: 'arn:aws:iam::111122223333:role/team/Admin', username: 'admin', groups: ['system:masters'] },
      {
        roleARN: 'arn:aws:iam::111122223333:role/Dev',
        username: '{{AccountID}}:{{SessionName}}',
        groups: ['dev'],
      },
      { roleARN: 'arn:aws:iam::111122223333:role/Free', username: '{{SessionNameRaw}}' },
      { roleARN: 'arn:aws:iam::111122223333:role/Node', username: 'system:node:{{SessionName}}' },
    ],
    mapUsers: [{ userARN: 'arn:aws:iam::111122223333:user/anna', username: 'anna' }],
    ...more,
  });
const configuration: AWSIAMConfiguration = await parseAWSIAMConfiguration(write());

const answer = (arn: string, more: object = {}) => ({
  status: 200,
  body: JSON.stringify({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: {
        Account: '111122223333',
        Arn: arn,
        UserId: 'AROAEXAMPLE:anna@example.org',
        ...more,
      },
    },
  }),
});
const ADMIN = answer('arn:aws:sts::111122223333:assumed-role/Admin/anna@example.org');

function authenticator(answered = ADMIN, settings: AWSIAMConfiguration = configuration, now = () => NOW) {
  const sent: { url: string; headers: unknown }[] = [];
  const aws = new AWSIAMAuthenticator({
    configuration: settings,
    now,
    send: async (url, headers) => {
      sent.push({ url: url.href, headers });
      return answered;
    },
  });
  return { aws, sent };
}

test('AWS identifies the signer', async () => {
  const { aws, sent } = authenticator();
  expect(await aws.authenticateToken(token())).toEqual({
    user: {
      name: 'admin',
      uid: 'aws-iam-authenticator:111122223333:AROAEXAMPLE',
      groups: ['system:masters'],
      extra: {
        arn: ['arn:aws:sts::111122223333:assumed-role/Admin/anna@example.org'],
        canonicalArn: ['arn:aws:iam::111122223333:role/Admin'],
        principalId: ['AROAEXAMPLE'],
        accessKeyId: ['AKIAIOSFODNN7EXAMPLE'],
        sessionName: ['anna@example.org'],
      },
    },
    audiences: [],
  });
  expect(sent).toEqual([
    { url: `${HOST}?${query()}`, headers: { 'x-k8s-aws-id': 'shop', accept: 'application/json' } },
  ]);
});

test.each([
  ['role, regardless of its path and case', 'sts::111122223333:assumed-role/ADMIN/x', 'admin'],
  ['session', 'sts::111122223333:assumed-role/Dev/anna@example.org', '111122223333:anna-example.org'],
  ['session unchanged', 'sts::111122223333:assumed-role/Free/a@b', 'a@b'],
  ['user', 'iam::111122223333:user/some/path/anna', 'anna'],
  ['node, by the mapping', 'sts::111122223333:assumed-role/Node/i-1', 'system:node:i-1'],
])('%s', async (_name, arn, name) => {
  const { aws } = authenticator(answer(`arn:aws:${arn}`));
  expect((await aws.authenticateToken(token()))!.user.name).toBe(name);
});

test.each([
  [
    'a role that is not mapped',
    answer('arn:aws:sts::111122223333:assumed-role/Other/x'),
    'ARN is not mapped',
  ],
  [
    'a role of another account',
    answer('arn:aws:sts::999999999999:assumed-role/Admin/x', { Account: '999999999999' }),
    'not mapped',
  ],
  ['different accounts', answer('arn:aws:sts::999999999999:assumed-role/Admin/x'), 'neither an IAM user'],
  ['a user named as a role', answer('arn:aws:iam::111122223333:user/Admin'), 'ARN is not mapped'],
  ['a role in another partition', answer('arn:aws-cn:sts::111122223333:assumed-role/Admin/x'), 'not mapped'],
  ['the root', answer('arn:aws:iam::111122223333:root'), 'neither an IAM user'],
  ['a federated user', answer('arn:aws:sts::111122223333:federated-user/anna'), 'neither an IAM user'],
  [
    'a session with a slash',
    answer('arn:aws:sts::111122223333:assumed-role/Admin/x/y'),
    'neither an IAM user',
  ],
  ['no ARN', answer('anna'), 'neither an IAM user'],
  [
    'a session named like a system user',
    answer('arn:aws:sts::111122223333:assumed-role/Free/system:admin'),
    'neither',
  ],
  ['a refusal', { status: 403, body: '' }, 'expected 200, got 403'],
  ['a redirect', { status: 302, body: '' }, 'expected 200, got 302'],
  ['XML', { status: 200, body: '<x/>' }, 'error parsing'],
  ['another document', { status: 200, body: '{"GetCallerIdentityResponse":{}}' }, 'contains no identity'],
  ['null', { status: 200, body: 'null' }, 'contains no identity'],
])('AWS answers with %s', async (_name, answered, message) => {
  await expect(authenticator(answered).aws.authenticateToken(token())).rejects.toThrow(message);
});

test.each([
  ['is throttled', async () => ({ status: 429, body: '' }), 'it answered 429'],
  ['fails', async () => ({ status: 503, body: '' }), 'it answered 503'],
  ['does not answer', async () => Promise.reject(new Error('timed out')), 'timed out'],
])('AWS %s: the token is not rejected, but must be retried', async (_name, send, why) => {
  const aws = new AWSIAMAuthenticator({ configuration, now: () => NOW, send });
  const error = await new UnionTokenAuthenticator([aws])
    .authenticateToken(token(), [])
    .catch((thrown) => thrown);
  expect((error as StatusError).status).toMatchObject({
    code: 503,
    reason: 'ServiceUnavailable',
    message: `the call to STS failed: ${why}`,
    details: { retryAfterSeconds: 1 },
  });
});

const china = await parseAWSIAMConfiguration(write({ partition: 'aws-cn', mapRoles: [], mapUsers: [] }));
const oneRegion: AWSIAMConfiguration = { ...configuration, regions: ['eu-central-1'] };

describe('tokens that never reach AWS', () => {
  test.each<[string, string, string, AWSIAMConfiguration?]>([
    ['too long', `${token()}${'A'.repeat(4096)}`, 'too large'],
    ['invalid base64', 'k8s-aws-v1.%%%', 'not base64url'],
    ['an invalid URL', encode('hello'), 'no URL'],
    ['a space', encode(`${HOST}? ${query()}`), 'no URL'],
    [
      'a line break that a URL parser drops',
      encode(`https://sts.eu-central-1.amazon\naws.com/?${query()}`),
      'no URL',
    ],
    ['a backslash', encode(`https:\\\\sts.eu-central-1.amazonaws.com/?${query()}`), 'no URL'],
    ['look-alike letters', encode(`https://sts.eu-central-1.amazonаws.com/?${query()}`), 'no URL'],
    ['http', token({}, 'http://sts.eu-central-1.amazonaws.com/'), 'scheme'],
    ['one slash', token({}, 'https:/sts.eu-central-1.amazonaws.com/'), 'scheme'],
    ['another host', token({}, 'https://sts.evil.example/'), 'hostname'],
    [
      'a host with the same prefix',
      token({}, 'https://sts.eu-central-1.amazonaws.com.evil.example/'),
      'hostname',
    ],
    ['a host with the same suffix', token({}, 'https://evilsts.eu-central-1.amazonaws.com/'), 'hostname'],
    ['a bucket', token({}, 'https://sts.s3-eu-west-1.amazonaws.com/'), 'hostname'],
    ['another service', token({}, 'https://ec2.eu-central-1.amazonaws.com/'), 'hostname'],
    ['a trailing dot', token({}, 'https://sts.eu-central-1.amazonaws.com./'), 'hostname'],
    ['a user', token({}, 'https://sts.eu-central-1.amazonaws.com@evil.example/'), 'unexpected parts'],
    ['a port', token({}, 'https://sts.eu-central-1.amazonaws.com:8443/'), 'unexpected parts'],
    ['a path', token({}, 'https://sts.eu-central-1.amazonaws.com/x'), 'unexpected parts'],
    ['a fragment', encode(`${HOST}?${query()}#x`), 'unexpected parts'],
    ['another partition', token(), 'hostname', china],
    ['another region', token({}, 'https://sts.us-east-1.amazonaws.com/'), 'region', oneRegion],
    ['no region', token({}, 'https://sts.amazonaws.com/'), 'region', oneRegion],
    ['another action', token({ Action: 'AssumeRole' }), 'action'],
    ['no action', token({ Action: undefined }), 'action'],
    ['another version', token({ Version: '2000-01-01' }), 'version'],
    ['an additional parameter', token({ RoleArn: 'x' }), 'non-whitelisted'],
    ['a duplicate action', encode(`${HOST}?${query()}&Action=AssumeRole`), 'more than once'],
    ['a duplicate action in another case', encode(`${HOST}?${query()}&action=AssumeRole`), 'more than once'],
    ['another algorithm', token({ 'X-Amz-Algorithm': 'none' }), 'Algorithm'],
    ['an unsigned cluster', token({ 'X-Amz-SignedHeaders': 'host' }), 'did not sign'],
    ['an unsigned host', token({ 'X-Amz-SignedHeaders': 'x-k8s-aws-id' }), 'did not sign'],
    ['further headers', token({ 'X-Amz-SignedHeaders': 'host;x-evil;x-k8s-aws-id' }), 'did not sign'],
    ['no signature', token({ 'X-Amz-Signature': undefined }), 'not signed'],
    ['no key', token({ 'X-Amz-Credential': '' }), 'Credential'],
    ['a too long lifetime', token({ 'X-Amz-Expires': '901' }), 'Expires'],
    ['no lifetime', token({ 'X-Amz-Expires': undefined }), 'Expires'],
    ['a negative lifetime', token({ 'X-Amz-Expires': '-1' }), 'Expires'],
    ['no date', token({ 'X-Amz-Date': undefined }), 'error parsing X-Amz-Date'],
    ['an invalid date', token({ 'X-Amz-Date': '20261301T000000Z' }), 'error parsing X-Amz-Date'],
    ['expired', token({ 'X-Amz-Date': '20260801T114500Z' }), 'expired'],
    ['not yet valid', token({ 'X-Amz-Date': '20260801T120501Z' }), 'in the future'],
  ])('%s', async (_name, text, message, settings = configuration) => {
    const { aws, sent } = authenticator(ADMIN, settings);
    await expect(aws.authenticateToken(text)).rejects.toThrow(message);
    expect(sent).toEqual([]);
  });

  test('other tokens are ignored', async () => {
    const { aws, sent } = authenticator();
    expect(await aws.authenticateToken('eyJhbGciOiJub25lIn0.e30.')).toBeUndefined();
    expect(sent).toEqual([]);
  });

  test('errors disclose nothing of the token', async () => {
    const { aws } = authenticator({ status: 403, body: 'x' });
    const error: Error = await aws.authenticateToken(token()).then(
      () => new Error(''),
      (e: Error) => e,
    );
    expect(error.message).not.toContain('abcdef');
  });
});

test('AWS is called once in two minutes, and again after a rejection', async () => {
  let now = NOW;
  const { aws, sent } = authenticator(ADMIN, configuration, () => now);
  await Promise.all([aws.authenticateToken(token()), aws.authenticateToken(token())]);
  now += 119_999;
  await aws.authenticateToken(token());
  expect(sent).toHaveLength(1);
  now += 1;
  await aws.authenticateToken(token());
  expect(sent).toHaveLength(2);
  const refused = authenticator({ status: 403, body: '' });
  for (let times = 1; times <= 2; times++) {
    await refused.aws.authenticateToken(token()).catch(() => undefined);
    expect(refused.sent).toHaveLength(times);
  }
});

test('a cached token ends at its expiry', async () => {
  let now = NOW;
  const { aws } = authenticator(ADMIN, configuration, () => now);
  const old = token({ 'X-Amz-Date': '20260801T114600Z' });
  await aws.authenticateToken(old);
  now += 60_000;
  await expect(aws.authenticateToken(old)).rejects.toThrow('expired');
});

describe('rejected configuration', () => {
  const role = (more: object) => ({
    mapRoles: [{ roleARN: 'arn:aws:iam::111122223333:role/A', username: 'a', ...more }],
  });
  test.each<[string, object, string]>([
    ['no cluster', { clusterID: '' }, 'clusterID: Required value'],
    ["a cluster that isn't a header value", { clusterID: 'a\r\nb' }, 'must be fit for a header'],
    ['another partition', { partition: 'mars' }, 'partition: Invalid value'],
    ['no name', role({ username: '' }), 'mapRoles[0].username: Required value'],
    ['an unknown placeholder', role({ username: '{{EC2PrivateDNSName}}' }), 'unknown placeholder'],
    ['an unclosed placeholder', role({ username: '{{AccountID' }), 'does not end'],
    ['no ARN', role({ roleARN: 'A' }), 'must be the ARN of a role'],
    ['a wildcard', role({ roleARN: 'arn:aws:iam::111122223333:role/*' }), 'must be the ARN of a role'],
    ['a user for a role', role({ roleARN: 'arn:aws:iam::111122223333:user/A' }), 'must be the ARN of a role'],
    [
      'a session for a role',
      role({ roleARN: 'arn:aws:sts::111122223333:assumed-role/A/x' }),
      'must be the ARN',
    ],
    [
      'a role of another partition',
      role({ roleARN: 'arn:aws-cn:iam::111122223333:role/A' }),
      'partition aws',
    ],
    ['a misspelt field', role({ rolearn: 'x' }), 'unknown field'],
    [
      'a duplicate role',
      { mapRoles: [...role({}).mapRoles, { roleARN: 'arn:aws:iam::111122223333:role/p/a', username: 'b' }] },
      'Duplicate value',
    ],
  ])('%s', async (_name, more, message) => {
    await expect(parseAWSIAMConfiguration(write(more))).rejects.toThrow(message);
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openAssumeRole } from '../../../functions/adapter/assume-role.ts';
import { serviceEndpoint } from '../../../functions/adapter/function-table.ts';

const ROLE = {
  roleARN: 'arn:aws:iam::111122223333:role/Tenant',
  sessionName: 'acme.0a1b2c3d',
  durationSeconds: 3600,
  tags: { tenant: 'acme.0a1b2c3d' },
};
const CREDENTIALS =
  '<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>a/b+c=</SecretAccessKey><SessionToken>t&amp;t</SessionToken><Expiration>2026-11-30T15:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>';
const errorOf = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

type Answer = readonly [status: number, body: string] | 'no answer';
interface Asked {
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string;
}

let close = () => {};
afterEach(() => close());

/** Assumes the role through an STS that gives these answers, the last of them from then on. */
async function assume(answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    asked.push({ form, authorization: request.headers.authorization ?? '' });
    const answer = answers[Math.min(asked.length, answers.length) - 1]!;
    if (answer === 'no answer') request.socket.destroy();
    else response.writeHead(answer[0]).end(answer[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const assumeRole = await openAssumeRole({
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIA1',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const outcome = await assumeRole(ROLE).catch(({ name, message }: Error) => ({ name, message }));
  return { outcome, asked };
}

const ASSUMED = {
  accessKeyId: 'ASIA1',
  secretAccessKey: 'a/b+c=',
  sessionToken: 't&t',
  expiration: new Date('2026-11-30T15:00:00Z'),
};

test('a role is assumed by a signed form', async () => {
  const { outcome, asked } = await assume([[200, CREDENTIALS]]);
  expect(outcome).toEqual(ASSUMED);
  expect(asked).toEqual([
    {
      form: {
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: ROLE.roleARN,
        RoleSessionName: 'acme.0a1b2c3d',
        DurationSeconds: '3600',
        'Tags.member.1.Key': 'tenant',
        'Tags.member.1.Value': 'acme.0a1b2c3d',
      },
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/eu-central-1\/sts\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
      ),
    },
  ]);
});

const BUSY: Answer = [400, errorOf('Throttling', 'Rate exceeded')];
const DENIED: Answer = [403, errorOf('AccessDenied', 'not authorized to perform: &lt;sts:AssumeRole&gt;')];
test.each<[string, readonly Answer[], object, number]>([
  [
    'a fault of the service',
    [
      [503, ''],
      [500, ''],
      [200, CREDENTIALS],
    ],
    ASSUMED,
    3,
  ],
  ['too many requests', [BUSY, [200, CREDENTIALS]], ASSUMED, 2],
  ['no answer', ['no answer', [200, CREDENTIALS]], ASSUMED, 2],
  ['no end of faults', [[503, '']], { name: 'UnknownError', message: 'status 503' }, 4],
  [
    'a refusal',
    [DENIED],
    { name: 'AccessDenied', message: 'not authorized to perform: <sts:AssumeRole>' },
    1,
  ],
  [
    'an answer without credentials',
    [[200, '<html/>']],
    { name: 'UnknownError', message: `no credentials for the role ${ROLE.roleARN}` },
    1,
  ],
])('%s', async (_, answers, expected, attempts) => {
  const { outcome, asked } = await assume(answers);
  expect([outcome, asked.length]).toEqual([expected, attempts]);
});

test.each([
  ['eu-central-1', {}, 'https://sts.eu-central-1.amazonaws.com'],
  ['cn-north-1', {}, 'https://sts.cn-north-1.amazonaws.com.cn'],
  ['us-iso-east-1', {}, undefined],
  ['us-gov-west-1', { AWS_USE_FIPS_ENDPOINT: 'true' }, undefined],
  ['eu-central-1', { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1'],
  [
    'eu-central-1',
    { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' },
    'https://sts.eu-central-1.amazonaws.com',
  ],
])('the endpoint in %s with %j', (region, environment, expected) => {
  expect(serviceEndpoint(environment, { name: 'sts', region })).toBe(expected);
});

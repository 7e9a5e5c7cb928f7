/** Requests signed by functions, compared with those of the AWS SDK. */

import { createHash, createHmac, type Hash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endpointOf, functionTable } from '../../../functions/adapter/function-table.ts';
import { LazyTable } from '../../../shared/storage/dynamodb/lazy-table.ts';
import {
  type CredentialsProvider,
  SignedDynamoDBTable,
} from '../../../shared/storage/dynamodb/signed-dynamodb-table.ts';
import type { AWSCredentials } from '../../../shared/util/aws-signature.ts';
import { newTestTable } from '../../fixtures/storage.ts';

interface Asked {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: object;
}

/** A DynamoDB with prepared responses, which records the requests. */
async function listen(reply: (asked: Asked, count: number) => Reply) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    const { status = 200, headers = {}, body } = reply(asked.at(-1)!, asked.length);
    response.writeHead(status, headers).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const closing: (() => void)[] = [];
const NOW = Date.UTC(2026, 10, 30, 23, 59, 58);
beforeEach(() => {
  vi.spyOn(Date, 'now').mockReturnValue(NOW);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0)) close();
});

const KEY = { pk: 'a', sk: 'ü' };
const region = 'eu-central-1';
const open = (
  endpoint: string,
  credentials: AWSCredentials | CredentialsProvider = { accessKeyId: 'AKID', secretAccessKey: 's+/' },
) => {
  const table = new SignedDynamoDBTable({ tableName: 'acme', endpoint, region, credentials });
  closing.push(() => table.close());
  return table;
};

/** The hash interface of the SDK's signer. */
class Sha256 {
  readonly #hash: Hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = (secret === undefined ? createHash('sha256') : createHmac('sha256', secret)) as Hash;
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

/** The SDK's signature of the same request at the same time. */
async function signedBySDK(
  { headers, body }: Asked,
  credentials: AWSCredentials,
  now = NOW,
): Promise<string> {
  const of = {
    credentials: credentials as AwsCredentialIdentity,
    region,
    service: 'dynamodb',
    sha256: Sha256 as never,
    applyChecksum: false,
  };
  const names = ['content-type', 'host', 'x-amz-target'];
  const { headers: signed } = await new SignatureV4(of).sign(
    {
      ...{ method: 'POST', protocol: 'http:', hostname: headers.host!, path: '/', query: {}, body },
      headers: Object.fromEntries(names.map((name) => [name, headers[name] as string])),
    },
    { signingDate: new Date(now) },
  );
  return signed['authorization']!;
}

test.each<[string, AWSCredentials]>([
  ['a user', { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }],
  ['a session', { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'to/ken+==' }],
])('requests by %s are signed as by the SDK, on both sides of midnight', async (_, credentials) => {
  const { endpoint, asked } = await listen(() => ({
    headers: at(NOW),
    body: { Item: { pk: { S: 'a' }, sk: { S: 'ü' } } },
  }));
  const table = open(endpoint, credentials);
  expect(await table.get(KEY, { consistent: true })).toEqual(KEY);
  expect(asked[0]!.headers).toMatchObject({
    authorization: await signedBySDK(asked[0]!, credentials),
    'x-amz-date': '20261130T235958Z',
    ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
  });
  vi.spyOn(Date, 'now').mockReturnValue(NOW + 3_000);
  await table.query({ pk: 'a', from: 'a', to: 'b', consistent: false });
  expect(asked[1]!.headers['authorization']).toBe(await signedBySDK(asked[1]!, credentials, NOW + 3_000));
});

const HOUR_MS = 3_600_000;

test('a credential provider is called once per validity, and again after a failure', async () => {
  const { endpoint, asked } = await listen(() => ({ headers: at(Date.now()), body: {} }));
  const given: (Error | { accessKeyId: string; expiration?: Date })[] = [
    new Error('no answer'),
    { accessKeyId: 'first', expiration: new Date(NOW + HOUR_MS) },
    { accessKeyId: 'second' },
  ];
  let calls = 0;
  const table = open(endpoint, async () => {
    const next = given[calls++]!;
    if (next instanceof Error) throw next;
    return { secretAccessKey: `secret of ${next.accessKeyId}`, ...next };
  });
  const get = () => table.get(KEY, { consistent: true });
  const by = () => /Credential=([^/]*)/.exec(asked.at(-1)!.headers['authorization']!)![1];
  const failed = await Promise.allSettled([get(), get()]);
  expect([calls, ...failed.map((one) => one.status === 'rejected' && one.reason.kind)]).toEqual([
    1,
    'Refused',
    'Refused',
  ]);
  await Promise.all([get(), get(), get()]);
  expect([calls, by()]).toEqual([2, 'first']);
  // They are refreshed five minutes before expiry; these do not expire.
  vi.spyOn(Date, 'now').mockReturnValue(NOW + HOUR_MS - 300_001);
  await get();
  expect([calls, by()]).toEqual([2, 'first']);
  const now = NOW + HOUR_MS - 300_000;
  vi.spyOn(Date, 'now').mockReturnValue(now);
  await Promise.all([get(), get()]);
  expect([calls, by()]).toEqual([3, 'second']);
  const credentials = { accessKeyId: 'second', secretAccessKey: 'secret of second' };
  expect(asked.at(-1)!.headers['authorization']).toBe(await signedBySDK(asked.at(-1)!, credentials, now));
  vi.spyOn(Date, 'now').mockReturnValue(NOW + 48 * HOUR_MS);
  await get();
  expect(calls).toBe(3);
});

const refusal = (name: string) => ({
  __type: `com.amazon.coral.service#${name}`,
  message: 'Signature not yet current',
});
const at = (ms: number) => ({ date: new Date(ms).toUTCString() });

test.each([
  ['InvalidSignatureException', HOUR_MS, 2, 'found'],
  ['InvalidSignatureException', -HOUR_MS, 2, 'found'],
  // The clock is right, so the key must be wrong.
  ['InvalidSignatureException', 60_000, 1, 'Refused'],
  ['UnrecognizedClientException', HOUR_MS, 1, 'Refused'],
] as const)('%s by a DynamoDB whose clock is %i ms ahead', async (name, aheadMs, times, outcome) => {
  const { endpoint, asked } = await listen((_, count) =>
    count === 1
      ? { status: 400, headers: at(NOW + aheadMs), body: refusal(name) }
      : { headers: at(NOW + aheadMs), body: {} },
  );
  const table = open(endpoint);
  const get = () =>
    table.get(KEY, { consistent: true }).then(
      () => 'found',
      (error) => error.kind,
    );
  expect([await get(), asked.length]).toEqual([outcome, times]);
  const dates = async () => {
    await get();
    return asked.at(-1)!.headers['x-amz-date'];
  };
  const expected = Math.abs(aheadMs) < HOUR_MS ? NOW : NOW + aheadMs;
  expect(await dates()).toBe(new Date(expected).toISOString().replace(/[-:]|\.\d{3}/g, ''));
});

const REGIONS =
  'af-south-1 ap-east-1 ap-northeast-3 ap-south-2 ap-southeast-5 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-2 eu-north-1 eu-south-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-2 us-gov-east-1 us-west-2';
const OTHERS = ['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1', 'eusc-de-east-1', ''];

test.each(REGIONS.split(' '))("the endpoint of %s equals the SDK's", async (name) => {
  const client = new DynamoDBClient({ region: name });
  const { url } = client.config.endpointProvider({ Region: name, UseFIPS: false, UseDualStack: false });
  client.destroy();
  expect(`${endpointOf({}, name)}/`).toBe(url.href);
});

test.each([
  ...OTHERS.map((name) => [name, {}] as const),
  ...['AWS_ENDPOINT_URL', 'AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_ACCOUNT_ID'].map(
    (name) => ['us-east-1', { [name]: 'true' }] as const,
  ),
])('the endpoint of "%s" with %j is left to the SDK', (name, environment) => {
  expect(endpointOf(environment, name)).toBeUndefined();
});

test.each([
  [
    'with the keys of a function',
    { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    SignedDynamoDBTable,
  ],
  ['without keys', {}, LazyTable],
] as const)('a table %s', async (_, keys, Table) => {
  const { endpoint, tableName } = await newTestTable();
  const environment = { ...keys, AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_REGION: 'us-east-1' };
  const table = functionTable(environment, { tableName });
  closing.push(() => table.close());
  expect(table).toBeInstanceOf(Table);
  await table.write({ put: { ...KEY, bytes: new Uint8Array([1, 2]) } });
  const { bytes, ...key } = (await table.get(KEY, { consistent: true }))!;
  expect([key, [...(bytes as Uint8Array)]]).toEqual([KEY, [1, 2]]);
});

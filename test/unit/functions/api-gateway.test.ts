import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { afterEach, expect, test, vi } from 'vitest';
import { endpointOf, toApiRequest } from '../../../functions/adapter/api-gateway-event.ts';
import { toProxyResult, toStreamingResult } from '../../../functions/adapter/api-gateway-result.ts';
import { bufferedHandler, streamingHandler } from '../../../functions/adapter/lambda-handler.ts';
import { newInvalid } from '../../../shared/meta/status-error.ts';
import type { ApiRequest } from '../../../shared/request/api-request.ts';
import { StorageError } from '../../../shared/storage/errors.ts';

const context = { getRemainingTimeInMillis: () => 10_000 } as Context;

function event(more: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent {
  return {
    httpMethod: 'GET',
    path: '/api/v1/pods',
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    resource: '/api/{proxy+}',
    body: null,
    isBase64Encoded: false,
    requestContext: { identity: { sourceIp: '192.0.2.1' } } as APIGatewayProxyEvent['requestContext'],
    ...more,
  };
}

test.each<[string, Partial<APIGatewayProxyEvent>, Partial<ApiRequest> & { text?: string; search?: string }]>([
  [
    'a plain GET',
    {},
    { method: 'GET', path: '/api/v1/pods', text: '', search: '', remoteAddress: '192.0.2.1' },
  ],
  [
    'a path decoded by the gateway',
    { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a b%' },
    { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%20b%25' },
  ],
  [
    'a repeated parameter and header',
    {
      multiValueQueryStringParameters: { labelSelector: ['a=b,c in (d)'], x: ['1', '2'] },
      multiValueHeaders: { Accept: ['application/json'], 'Impersonate-Group': ['a', 'b'] },
    },
    {
      search: 'labelSelector=a%3Db%2Cc+in+%28d%29&x=1&x=2',
      headers: new Map([
        ['accept', ['application/json']],
        ['impersonate-group', ['a', 'b']],
      ]),
    },
  ],
  [
    'names without multi-values',
    {
      multiValueQueryStringParameters: null,
      multiValueHeaders: null as never,
      queryStringParameters: { limit: '5' },
      headers: { Accept: 'application/json' },
    },
    { search: 'limit=5', headers: new Map([['accept', ['application/json']]]) },
  ],
  ['half a surrogate pair', { path: '/api/v1/\ud800' }, { path: '/api/v1/%EF%BF%BD' }],
  ['no request context', { requestContext: undefined as never }, { remoteAddress: undefined }],
  ['a text body', { body: '{"a":"é"}' }, { text: '{"a":"é"}' }],
  [
    'a base64 body',
    { body: Buffer.from('k8s\0').toString('base64'), isBase64Encoded: true },
    { text: 'k8s\0' },
  ],
  [
    'a client certificate',
    {
      requestContext: {
        identity: { sourceIp: '', clientCert: { clientCertPem: 'PEM' } },
      } as APIGatewayProxyEvent['requestContext'],
    },
    { clientCertificates: ['PEM'] },
  ],
])('%s', (_, more, expected) => {
  const request = toApiRequest(event(more), context, { canStream: true });
  expect({
    ...request,
    text: new TextDecoder().decode(request.body),
    search: request.query.toString(),
  }).toMatchObject(expected);
});

test.each([
  ['nothing', undefined],
  ['a string', 'event'],
  ['a schedule', { source: 'aws.events', 'detail-type': 'Scheduled Event' }],
  ['an HTTP API', { version: '2.0', rawPath: '/api', requestContext: { http: { method: 'GET' } } }],
  ['an invalid path', event({ path: 'api' })],
  ['an invalid body', { ...event(), body: { a: 1 } }],
])('an event of %s is rejected with a Status', async (_, given) => {
  const handler = bufferedHandler(async () => async () => ({ status: 200, headers: {}, body }));
  const result = (await handler(given, context)) as { statusCode: number; body: string };
  expect([result.statusCode, JSON.parse(result.body)]).toEqual([
    400,
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      code: 400,
      reason: 'BadRequest',
      message: 'the event is not a REST API request (payload version 1.0)',
    },
  ]);
});

test.each([
  ['eu-central-1', { apiId: 'abc', stage: 'v1' }, 'https://abc.execute-api.eu-central-1.amazonaws.com/v1'],
  ['cn-north-1', { apiId: 'abc', stage: 'v1' }, 'https://abc.execute-api.cn-north-1.amazonaws.com.cn/v1'],
  ['eu-central-1', {}, undefined],
  [undefined, { apiId: 'abc', stage: 'v1' }, undefined],
])('the address in %s of %o', (region, requestContext, expected) => {
  expect(endpointOf({ ...event(), requestContext: requestContext as never }, region)).toBe(expected);
});

const body = new TextEncoder().encode('{"a":1}');

test.each([
  ['ASCII', '299 - "plain \\"text\\""', '299 - "plain \\"text\\""'],
  ['other characters', '299 - "Grüße \\"日本\\""', '299 - "=?utf-8?b?R3LDvMOfZSAi5pel5pysIg==?="'],
])('a warning of %s', async (_, text, expected) => {
  const warning = Buffer.from(text).toString('latin1');
  const headers = { warning: [warning, '299 - "b"'], 'audit-id': Buffer.from('é').toString('latin1') };
  expect(await toProxyResult({ status: 200, headers, body })).toMatchObject({
    headers: { 'audit-id': '??' },
    multiValueHeaders: { warning: [expected, '299 - "b"'] },
  });
});

test.each([
  ['JSON', { 'content-type': 'application/json' }, { body: '{"a":1}', isBase64Encoded: false }],
  [
    'protobuf',
    { 'content-type': 'application/vnd.kubernetes.protobuf' },
    { body: Buffer.from(body).toString('base64'), isBase64Encoded: true },
  ],
  [
    'compressed JSON',
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { body: Buffer.from(body).toString('base64'), isBase64Encoded: true },
  ],
])('%s as a buffered result', async (_, headers, expected) => {
  expect(await toProxyResult({ status: 200, headers: headers as Record<string, string>, body })).toEqual({
    statusCode: 200,
    headers,
    ...expected,
  });
});

/** Lambda's limit, without the text around the body. */
const ROOM = 6_291_556 - 98;
const TOO_LARGE = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message:
    'Request entity too large: the response is larger than the 6 MB that a function can return; request less, with limit and continue, or accept gzip',
  reason: 'RequestEntityTooLarge',
  code: 413,
};

test.each([
  ['the largest allowed size', ROOM, 'a', 200],
  ['one byte more', ROOM + 1, 'a', 413],
  ['escaped quotes that fit', Math.floor(ROOM / 2), '"', 200],
  ['one escaped quote more', Math.floor(ROOM / 2) + 1, '"', 413],
])('a buffered result of %s', async (_, length, character, statusCode) => {
  const headers = { 'content-type': 'application/json' };
  const large = Buffer.alloc(length, character);
  const result = await toProxyResult({ status: 200, headers, body: large });
  expect(result.statusCode).toBe(statusCode);
  if (statusCode === 200) expect(result.body === large.toString()).toBe(true);
  else expect(JSON.parse(result.body)).toEqual(TOO_LARGE);
});

test.each([
  ['as a whole', toProxyResult, 4_800_000, '6 MB that a function can return'],
  ['as a stream', toStreamingResult, 200_000_001, '200 MB that a function can stream'],
] as const)('compressed, and too large %s', async (_, toResult, length, most) => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  // Only its length is read.
  const large = new Uint8Array(length);
  const { statusCode, headers: told, body } = await toResult({ status: 200, headers, body: large });
  const bytes = typeof body === 'string' ? [Buffer.from(body)] : await body.toArray();
  expect([statusCode, told, JSON.parse(Buffer.concat(bytes).toString()).message]).toEqual([
    413,
    { 'content-type': 'application/json' },
    `Request entity too large: the response is larger than the ${most}; request less, with limit and continue`,
  ]);
});

test('a stream sends its headers separately from its chunks', async () => {
  const chunks = (async function* () {
    yield new TextEncoder().encode('a\n');
    yield new TextEncoder().encode('b\n');
  })();
  const result = toStreamingResult({ status: 200, headers: { warning: ['1', '2'], x: 'y' }, body: chunks });
  const read: string[] = [];
  for await (const chunk of result.body) read.push(String(chunk));
  expect({ ...result, body: read }).toEqual({
    statusCode: 200,
    headers: { x: 'y' },
    multiValueHeaders: { warning: ['1', '2'] },
    body: ['a\n', 'b\n'],
  });
});

afterEach(() => vi.unstubAllGlobals());

test('a request is aborted when its response is no longer read', async () => {
  vi.stubGlobal('awslambda', {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: { from: (stream: unknown) => stream },
  });
  let signal: AbortSignal | undefined;
  const handler = streamingHandler(async () => async (request) => {
    signal = request.signal;
    const watch = async function* () {
      yield body;
      if (!request.signal.aborted) await once(request.signal, 'abort');
    };
    return { status: 200, headers: {}, body: watch() };
  }) as unknown as (event: unknown, stream: Writable, context: Context) => Promise<void>;
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done();
      stream.destroy();
    },
  });
  await expect(handler(event(), stream, context)).rejects.toThrow('Premature close');
  expect(signal?.aborted).toBe(true);
});

test('a streaming host limits watches and silence, a buffered one does not', () => {
  const bounds = [true, false].map((canStream) => toApiRequest(event(), context, { canStream }).streamBounds);
  expect(bounds).toEqual([{ watchMs: 270_000, silenceMs: 270_000 }, undefined]);
});

test.each([
  ['an error', new Error('secret of the start')],
  ['a Status about an internal object', newInvalid({ group: '', kind: 'Service' }, 'secret', [])],
])('a start that failed with %s returns a Status, and is retried', async (_, failure) => {
  let starts = 0;
  const handler = bufferedHandler(async () => {
    if (++starts === 1) throw failure;
    return async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
  });
  const first = await handler(event(), context);
  expect(first).toMatchObject({
    statusCode: 503,
    headers: { 'retry-after': '2' },
    isBase64Encoded: false,
  });
  expect(JSON.parse((first as { body: string }).body)).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server could not start',
    reason: 'ServiceUnavailable',
    details: { retryAfterSeconds: 2 },
    code: 503,
  });
  expect((first as { body: string }).body).not.toContain('secret');
  expect(await handler(event(), context)).toMatchObject({ statusCode: 200, body: '{"a":1}' });
  expect(starts).toBe(2);
});

test('a start that failed for a throttled store returns a retry hint', async () => {
  const handler = bufferedHandler(async () => {
    throw new StorageError('Throttled', 'secret', { retryAfterSeconds: 1 });
  });
  const answer = await handler(event(), context);
  expect(answer).toMatchObject({ statusCode: 429, headers: { 'retry-after': '1' } });
  expect(JSON.parse((answer as { body: string }).body)).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the store accepts no more requests at the moment',
    reason: 'TooManyRequests',
    details: { retryAfterSeconds: 1 },
    code: 429,
  });
});

test.each([
  ['none', {}],
  ['not a number', { getRemainingTimeInMillis: () => Number.NaN }],
])('a context with a deadline that is %s aborts nothing', (_, given) => {
  expect(toApiRequest(event(), given as Context, { canStream: true }).signal.aborted).toBe(false);
});
